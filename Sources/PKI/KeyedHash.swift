import COpenSSL

/// HMAC with SHA-256.
package enum KeyedHash {
    package static func sha256(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        _ = HMAC(EVP_sha256(), key, Int32(clamping: key.count), message, message.count, &hash, &length)
        return Array(hash.prefix(Int(length)))
    }

    /// Bytes from the system's generator for secrets.
    package static func randomBytes(_ count: Int) throws(PKIError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&bytes, Int32(clamping: count)) == 1 else { throw PKIError("getting random bytes") }
        return bytes
    }
}
