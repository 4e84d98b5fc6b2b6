import COpenSSL

/// A certificate and its private key, as PEM.
package struct Identity: Sendable, Hashable {
    package let certificatePEM: String
    package let keyPEM: String

    package init(certificatePEM: String, keyPEM: String) {
        self.certificatePEM = certificatePEM
        self.keyPEM = keyPEM
    }
}

/// A certificate authority in memory, for the certificates of one local cluster.
///
/// Keys are EC P-256. Making an authority with a server and a client certificate takes a few milliseconds.
package struct CertificateAuthority: Sendable {
    package let identity: Identity

    package var certificatePEM: String { identity.certificatePEM }

    /// Makes a self-signed authority, valid for ten years.
    package init(commonName: String) throws(PKIError) {
        let key = try Key.generate()
        let certificate = try Certificate(
            subject: .init(commonName: commonName), publicKey: key, issuer: nil, issuerKey: key,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE"),
                (NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign"),
                (NID_subject_key_identifier, "hash"),
            ])
        identity = Identity(certificatePEM: try certificate.pem(), keyPEM: try key.pem())
    }

    /// Takes up an authority made before.
    package init(_ identity: Identity) throws(PKIError) {
        _ = try Certificate(pem: identity.certificatePEM)
        _ = try Key(pem: identity.keyPEM)
        self.identity = identity
    }

    /// A certificate for a server that answers to the names and addresses.
    package func issueServer(
        commonName: String, names: [String], addresses: [String]
    ) throws(PKIError) -> Identity {
        let alternatives = names.map { "DNS:\($0)" } + addresses.map { "IP:\($0)" }
        return try issue(
            .init(commonName: commonName),
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature,keyEncipherment"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_authority_key_identifier, "keyid"),
                (NID_subject_alt_name, alternatives.joined(separator: ",")),
            ])
    }

    /// A certificate for a client: the common name is its user, the organizations are its groups.
    package func issueClient(user: String, groups: [String]) throws(PKIError) -> Identity {
        try issue(
            .init(commonName: user, organizations: groups),
            [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature,keyEncipherment"),
                (NID_ext_key_usage, "clientAuth"),
                (NID_authority_key_identifier, "keyid"),
            ])
    }

    private func issue(
        _ subject: CertificateSubject, _ extensions: [(Int32, String)]
    ) throws(PKIError) -> Identity {
        let issuer = try Certificate(pem: identity.certificatePEM)
        let issuerKey = try Key(pem: identity.keyPEM)
        let key = try Key.generate()
        let certificate = try Certificate(
            subject: subject, publicKey: key, issuer: issuer, issuerKey: issuerKey, extensions: extensions)
        return Identity(certificatePEM: try certificate.pem(), keyPEM: try key.pem())
    }
}

/// Whom a certificate is about.
package struct CertificateSubject: Sendable, Hashable {
    package var commonName: String
    package var organizations: [String]

    package init(commonName: String, organizations: [String] = []) {
        self.commonName = commonName
        self.organizations = organizations
    }

    /// Reads the subject of a certificate in DER.
    package init(certificateDER bytes: [UInt8]) throws(PKIError) {
        self = try Certificate(der: bytes).subject
    }
}
