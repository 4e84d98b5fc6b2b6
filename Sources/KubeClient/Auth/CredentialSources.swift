import KubeCore

/// Reads the configured secrets from where they are, with errors that name the file, the field and the remedy.
struct CredentialSources: Sendable {
    private let configuration: ClientConfiguration

    init(_ configuration: ClientConfiguration) {
        self.configuration = configuration
    }

    /// How old what was read from files may become; nil when nothing is in files.
    var rereadInterval: Duration? {
        let tls = configuration.tls
        let isInFile = [tls.certificateAuthority, tls.clientCertificate, tls.clientKey].contains { source in
            if case .file = source { true } else { false }
        }
        if isInFile { return .seconds(60) }
        if case .tokenFile = configuration.authentication { return .seconds(60) }
        return nil
    }

    func read() throws(ClientError) -> CredentialMaterial {
        CredentialMaterial(
            tls: try readTLS(), authorization: try readAuthorization(), impersonation: configuration.impersonation)
    }

    private func readTLS() throws(ClientError) -> ConnectionSettings.TLS {
        let tls = configuration.tls
        var result = ConnectionSettings.TLS()
        result.skipsVerification = tls.isInsecure
        if !tls.isInsecure {
            result.authorities = try pem(tls.certificateAuthority, "certificate-authority", marker: "CERTIFICATE")
        }
        result.certificate = try pem(tls.clientCertificate, "client-certificate", marker: "CERTIFICATE")
        result.key = try pem(tls.clientKey, "client-key", marker: "PRIVATE KEY")
        switch (result.certificate, result.key) {
        case (nil, .some):
            throw ClientError(
                .configuration,
                "There is a `client-key` but no `client-certificate` in \(configuration.origin): give both or none.")
        case (.some, nil):
            throw ClientError(
                .configuration,
                "There is a `client-certificate` but no `client-key` in \(configuration.origin): give both or none.")
        case (.some(let certificate), .some):
            try checkDates(certificate)
        case (nil, nil):
            break
        }
        return result
    }

    private func pem(
        _ source: ClientConfiguration.DataSource?, _ field: String, marker: String
    ) throws(ClientError) -> [UInt8]? {
        guard let source else { return nil }
        let bytes: [UInt8]
        let place: String
        switch source {
        case .data(let data):
            bytes = data
            place = "`\(field)-data` of \(configuration.origin)"
        case .file(let path):
            bytes = try file(path, "`\(field)` of \(configuration.origin)")
            place = "\(path) (`\(field)` of \(configuration.origin))"
        }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.contains("-----BEGIN"), text.contains("\(marker)-----") else {
            throw ClientError(
                .configuration, "\(place) holds no PEM \(marker.lowercased()) (\"-----BEGIN … \(marker)-----\").")
        }
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            throw ClientError(
                .configuration,
                "\(place) holds an encrypted key, for which nobody can be asked: decrypt it first "
                    + "(`openssl pkey -in KEY -out PLAIN`).")
        }
        return bytes
    }

    private func checkDates(_ certificate: [UInt8]) throws(ClientError) {
        guard let validity = CertificateValidity(pem: certificate) else { return }
        let now = Timestamp.now()
        if now > validity.notAfter {
            throw ClientError(
                .configuration,
                "The client certificate of \(configuration.origin) expired at \(validity.notAfter.rfc3339): renew it.")
        }
    }

    private func readAuthorization() throws(ClientError) -> String? {
        switch configuration.authentication {
        case .none, .exec:
            return nil
        case .token(let token):
            return "Bearer \(try checkedToken(token, "`token` of \(configuration.origin)"))"
        case .tokenFile(let path):
            let field = "`tokenFile` of \(configuration.origin)"
            let text = String(decoding: try file(path, field), as: UTF8.self)
            return "Bearer \(try checkedToken(text.trimmingBlanks, "\(path) (\(field))"))"
        case .basic(let user, let password):
            return "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))"
        }
    }

    /// A line feed would smuggle a header.
    private func checkedToken(_ token: String, _ place: String) throws(ClientError) -> String {
        if token.isEmpty {
            throw ClientError(.configuration, "\(place) is empty: there is no token to log in with.")
        }
        if token.utf8.contains(where: { $0 < 33 || $0 == 127 }) {
            throw ClientError(.configuration, "\(place) holds blanks or control characters, which no token has.")
        }
        return token
    }

    private func file(_ path: String, _ field: String) throws(ClientError) -> [UInt8] {
        do {
            return try readFile(path, limit: 16 * 1024 * 1024)
        } catch {
            throw ClientError(
                .configuration, "\(path), named by \(field), cannot be read: \(error.reason). \(error.remedy)",
                cause: error)
        }
    }
}

extension String {
    /// Without blanks and line ends at both ends.
    var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        let start = drop(while: isBlank)
        guard let last = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(start[...last])
    }
}
