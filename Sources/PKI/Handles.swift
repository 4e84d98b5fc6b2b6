import COpenSSL

// Owners of OpenSSL's objects. Each stays within one call of the public types, so none crosses a thread.

/// A private key.
final class Key {
    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { EVP_PKEY_free(pointer) }

    static func generate() throws(PKIError) -> Key {
        guard let key = flow_generate_p256() else { throw PKIError("making an EC P-256 key") }
        return Key(key)
    }

    convenience init(pem: String) throws(PKIError) {
        let memory = try Memory(reading: Array(pem.utf8))
        guard let key = PEM_read_bio_PrivateKey(memory.pointer, nil, nil, nil) else {
            throw PKIError("reading a private key in PEM")
        }
        self.init(key)
    }

    func pem() throws(PKIError) -> String {
        let memory = try Memory()
        guard PEM_write_bio_PrivateKey(memory.pointer, pointer, nil, nil, 0, nil, nil) == 1 else {
            throw PKIError("writing a private key as PEM")
        }
        return memory.text
    }
}

/// An X.509 certificate.
final class Certificate {
    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    convenience init(pem: String) throws(PKIError) {
        let memory = try Memory(reading: Array(pem.utf8))
        guard let certificate = PEM_read_bio_X509(memory.pointer, nil, nil, nil) else {
            throw PKIError("reading a certificate in PEM")
        }
        self.init(certificate)
    }

    convenience init(der bytes: [UInt8]) throws(PKIError) {
        let memory = try Memory(reading: bytes)
        guard let certificate = d2i_X509_bio(memory.pointer, nil) else {
            throw PKIError("reading a certificate in DER")
        }
        self.init(certificate)
    }

    private static let validity = 10 * 365 * 24 * 60 * 60

    /// Makes and signs a certificate. Without an issuer it signs itself.
    convenience init(
        subject: CertificateSubject, publicKey: Key, issuer: Certificate?, issuerKey: Key,
        extensions: [(id: Int32, value: String)]
    ) throws(PKIError) {
        guard let new = X509_new() else { throw PKIError("making a certificate") }
        self.init(new)
        var serial = UInt64.random(in: 1...UInt64(Int64.max))
        if serial == 0 { serial = 1 }
        guard X509_set_version(new, 2) == 1, ASN1_INTEGER_set_uint64(X509_get_serialNumber(new), serial) == 1,
            // An hour back, for clients whose clock is a little behind.
            X509_gmtime_adj(X509_getm_notBefore(new), -3_600) != nil,
            X509_gmtime_adj(X509_getm_notAfter(new), Self.validity) != nil,
            X509_set_pubkey(new, publicKey.pointer) == 1
        else { throw PKIError("filling in a certificate") }
        let name = X509_get_subject_name(new)
        for organization in subject.organizations { try Self.add("O", organization, to: name) }
        try Self.add("CN", subject.commonName, to: name)
        guard X509_set_issuer_name(new, issuer.map { X509_get_subject_name($0.pointer) } ?? name) == 1 else {
            throw PKIError("naming the issuer of a certificate")
        }
        var context = X509V3_CTX()
        flow_v3_context(&context, issuer?.pointer ?? new, new)
        for (id, value) in extensions {
            guard let made = X509V3_EXT_conf_nid(nil, &context, id, value) else {
                throw PKIError("making the certificate extension \(value)")
            }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(new, made, -1) == 1 else {
                throw PKIError("adding the certificate extension \(value)")
            }
        }
        guard X509_sign(new, issuerKey.pointer, EVP_sha256()) > 0 else { throw PKIError("signing a certificate") }
    }

    private static func add(_ field: String, _ text: String, to name: OpaquePointer?) throws(PKIError) {
        let bytes = Array(text.utf8)
        guard X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, Int32(clamping: bytes.count), -1, 0) == 1
        else { throw PKIError("putting \(field)=\(text) into the name of a certificate") }
    }

    func pem() throws(PKIError) -> String {
        let memory = try Memory()
        guard PEM_write_bio_X509(memory.pointer, pointer) == 1 else {
            throw PKIError("writing a certificate as PEM")
        }
        return memory.text
    }

    var subject: CertificateSubject {
        let name = X509_get_subject_name(pointer)
        return CertificateSubject(
            commonName: Self.texts(NID_commonName, of: name).last ?? "",
            organizations: Self.texts(NID_organizationName, of: name))
    }

    private static func texts(_ id: Int32, of name: OpaquePointer?) -> [String] {
        var found: [String] = []
        var index = X509_NAME_get_index_by_NID(name, id, -1)
        while index >= 0 {
            var bytes: UnsafeMutablePointer<UInt8>?
            let count = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)))
            if let bytes, count >= 0 {
                found.append(String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self))
                CRYPTO_free(bytes, #fileID, #line)
            }
            index = X509_NAME_get_index_by_NID(name, id, index)
        }
        return found
    }
}

/// A BIO over memory.
final class Memory {
    let pointer: OpaquePointer

    init() throws(PKIError) {
        guard let memory = BIO_new(BIO_s_mem()) else { throw PKIError("making a buffer") }
        pointer = memory
    }

    convenience init(reading bytes: [UInt8]) throws(PKIError) {
        try self.init()
        guard BIO_write(pointer, bytes, Int32(clamping: bytes.count)) == Int32(clamping: bytes.count) else {
            throw PKIError("filling a buffer")
        }
    }

    deinit { BIO_free(pointer) }

    var text: String {
        var bytes: UnsafeMutablePointer<CChar>?
        let count = flow_bio_bytes(pointer, &bytes)
        guard let bytes, count > 0 else { return "" }
        return bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }
}
