import CCurl

/// A libcurl easy handle with the state of the transfer it performs. Belongs to one loop thread, which reuses it for
/// further transfers: a handle keeps its settings, so that only what differs between requests is set again.
final class EasyHandle {
    let curl: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?
    private var connectToList: UnsafeMutablePointer<curl_slist>?
    private var settings: ConnectionSettings?
    private var hasBody = false

    /// The transfer under way.
    var transfer: ActiveTransfer?
    /// Body bytes of the current transfer; its storage is kept for the next one unless it has grown large.
    var body: [UInt8] = []

    /// Nil when libcurl is out of memory.
    init?() {
        guard let curl = curl_easy_init() else { return nil }
        self.curl = curl
        let capacity = Int(CURL_ERROR_SIZE)
        errorText = .allocate(capacity: capacity)
        errorText.initialize(repeating: 0, count: capacity)
        let context = Unmanaged.passUnretained(self).toOpaque()
        _ = ccurl_set_pointer(curl, CURLOPT_PRIVATE, context)
        _ = ccurl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        _ = ccurl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        _ = ccurl_set_pointer(curl, CURLOPT_ERRORBUFFER, errorText)
        _ = ccurl_set_data_callback(curl, CURLOPT_WRITEFUNCTION, Self.onBody)
        _ = ccurl_set_data_callback(curl, CURLOPT_HEADERFUNCTION, Self.onHeader)
        setConstants()
    }

    deinit {
        curl_easy_cleanup(curl)
        curl_slist_free_all(headerList)
        curl_slist_free_all(connectToList)
        errorText.deallocate()
    }

    private func setConstants() {
        _ = ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        // Removing a handle must not wait for the thread that resolves its name.
        _ = ccurl_set_long(curl, CURLOPT_QUICK_EXIT, 1)
        _ = ccurl_set_long(curl, CURLOPT_NOPROGRESS, 1)
        _ = ccurl_set_string(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        // Credentials are never sent on to where a redirect points.
        _ = ccurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0)
        _ = ccurl_set_long(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        _ = ccurl_set_long(curl, CURLOPT_TCP_KEEPALIVE, 1)
        _ = ccurl_set_long(curl, CURLOPT_TCP_KEEPIDLE, 10)
        _ = ccurl_set_long(curl, CURLOPT_TCP_KEEPINTVL, 5)
        // Waits for a connection that is being dialled to turn out to be HTTP/2, rather than dial another.
        _ = ccurl_set_long(curl, CURLOPT_PIPEWAIT, 1)
        _ = ccurl_set_long(curl, CURLOPT_SSLVERSION, ccurl_tls_1_2())
        _ = ccurl_set_long(curl, CURLOPT_BUFFERSIZE, 64 * 1024)
        // Proxies come from the configuration alone: libcurl's own reading of the environment is turned off by these.
        _ = ccurl_set_string(curl, CURLOPT_PROXY, "")
        _ = ccurl_set_string(curl, CURLOPT_NOPROXY, "")
    }

    /// Sets everything that `request` needs. Returns libcurl's refusal of a setting (a malformed URL, a bad header).
    ///
    /// - Parameter dialsAnew: use no connection of the pool.
    func prepare(_ request: TransferRequest, dialsAnew: Bool) -> CURLcode {
        errorText.pointee = 0
        _ = ccurl_set_long(curl, CURLOPT_FRESH_CONNECT, dialsAnew ? 1 : 0)
        _ = ccurl_set_long(curl, CURLOPT_FORBID_REUSE, 0)
        if settings !== request.settings {
            let code = apply(request.settings)
            guard code == CURLE_OK else { return code }
            settings = request.settings
        }
        var code = ccurl_set_string(curl, CURLOPT_URL, request.url)
        guard code == CURLE_OK else { return code }
        code = setMethod(request)
        guard code == CURLE_OK else { return code }
        code = ccurl_set_string(curl, CURLOPT_ACCEPT_ENCODING, request.acceptsGzip ? "gzip" : nil)
        guard code == CURLE_OK else { return code }
        return setHeaders(request.headers)
    }

    private func setMethod(_ request: TransferRequest) -> CURLcode {
        if let body = request.body {
            var code = ccurl_set_long(curl, CURLOPT_POST, 1)
            guard code == CURLE_OK else { return code }
            code = body.withUnsafeBytes { ccurl_set_body(curl, $0.baseAddress, $0.count) }
            guard code == CURLE_OK else { return code }
            hasBody = true
        } else {
            if hasBody {
                _ = ccurl_clear_body(curl)
                hasBody = false
            }
            let code = ccurl_set_long(curl, request.method == "HEAD" ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1)
            guard code == CURLE_OK else { return code }
        }
        return ccurl_set_string(curl, CURLOPT_CUSTOMREQUEST, request.method == "HEAD" ? nil : request.method)
    }

    private func setHeaders(_ headers: [(name: String, value: String)]) -> CURLcode {
        // An empty Expect keeps libcurl from waiting for "100 Continue" before it sends a body of more than 1 MB.
        var list = curl_slist_append(nil, "Expect:")
        for header in headers {
            // A line end would smuggle in another header.
            let hasControls =
                header.name.utf8.contains { $0 < 33 } || header.value.utf8.contains { $0 < 32 && $0 != 9 }
            if hasControls {
                curl_slist_free_all(list)
                return CURLE_BAD_FUNCTION_ARGUMENT
            }
            let line = header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
            guard let extended = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                return CURLE_OUT_OF_MEMORY
            }
            list = extended
        }
        let code = ccurl_set_list(curl, CURLOPT_HTTPHEADER, list)
        curl_slist_free_all(headerList)
        headerList = list
        return code
    }

    private func apply(_ settings: ConnectionSettings) -> CURLcode {
        let version = settings.isHTTP1Only ? ccurl_http_version_1_1() : ccurl_http_version_2tls()
        var codes = [
            ccurl_set_long(curl, CURLOPT_HTTP_VERSION, version),
            ccurl_set_string(curl, CURLOPT_PROXY, settings.proxy),
            ccurl_set_string(curl, CURLOPT_USERAGENT, settings.userAgent),
            ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.clampedMilliseconds),
            ccurl_set_tcp_user_timeout(curl, UInt32(clamping: settings.tcpUserTimeout.clampedMilliseconds)),
            ccurl_set_long(curl, CURLOPT_SSL_VERIFYPEER, settings.tls.skipsVerification ? 0 : 1),
            ccurl_set_long(curl, CURLOPT_SSL_VERIFYHOST, settings.tls.skipsVerification ? 0 : 2),
        ]
        codes.append(setBlob(CURLOPT_CAINFO_BLOB, settings.tls.authorities))
        if settings.tls.authorities != nil {
            // Without this the system's authorities would be trusted as well.
            codes.append(ccurl_set_string(curl, CURLOPT_CAPATH, nil))
        }
        codes.append(setBlob(CURLOPT_SSLCERT_BLOB, settings.tls.certificate))
        codes.append(setBlob(CURLOPT_SSLKEY_BLOB, settings.tls.key))
        codes.append(setConnectTo(settings.connectTo))
        return codes.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    private func setConnectTo(_ value: String?) -> CURLcode {
        let list = value.flatMap { curl_slist_append(nil, $0) }
        let code = ccurl_set_list(curl, CURLOPT_CONNECT_TO, list)
        curl_slist_free_all(connectToList)
        connectToList = list
        return code
    }

    private func setBlob(_ option: CURLoption, _ bytes: [UInt8]?) -> CURLcode {
        (bytes ?? []).withUnsafeBytes { ccurl_set_blob(curl, option, $0.baseAddress, $0.count) }
    }

    /// libcurl's account of the last failure.
    func failureText(_ code: CURLcode) -> String {
        errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    }

    /// False only when the connection was never ready for the request.
    var mayHaveBeenSent: Bool {
        var microseconds: curl_off_t = 0
        let code = ccurl_get_off(curl, CURLINFO_PRETRANSFER_TIME_T, &microseconds)
        return code != CURLE_OK || microseconds > 0
    }

    func forbidReuse() {
        _ = ccurl_set_long(curl, CURLOPT_FORBID_REUSE, 1)
    }

    /// How many connections the transfer had to dial: 0 when it found one.
    var connectionsMade: Int {
        var count = 0
        return ccurl_get_long(curl, CURLINFO_NUM_CONNECTS, &count) == CURLE_OK ? count : 0
    }

    /// Drops what belongs to the finished transfer and keeps the rest.
    func recycle() {
        transfer = nil
        if hasBody {
            _ = ccurl_clear_body(curl)
            hasBody = false
        }
        if body.capacity > 64 * 1024 {
            body = []
        } else {
            body.removeAll(keepingCapacity: true)
        }
    }

    private static let onBody: ccurl_data_callback = { bytes, _, count, context in
        guard let bytes, let context else { return 0 }
        let easy = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        return easy.receive(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    private static let onHeader: ccurl_data_callback = { bytes, _, count, context in
        guard let bytes, let context else { return 0 }
        let easy = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
        easy.transfer?.receiveHeaderLine(UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    /// Returns what libcurl's write callback has to: the count taken, the pause token, or 0 to fail the transfer.
    private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard let transfer else { return 0 }
        transfer.lastActivity = .now
        if let buffer = transfer.streamTarget {
            if buffer.append(bytes) { return bytes.count }
            transfer.isPaused = true
            return ccurl_pause_token()
        }
        guard body.count <= transfer.collectLimit - bytes.count else {
            transfer.isOverLimit = true
            return 0
        }
        if body.isEmpty { reserveBody(transfer.collectLimit, received: bytes.count) }
        body.append(contentsOf: bytes)
        return bytes.count
    }
}

extension EasyHandle {
    /// Makes room once for a body of known length, within reason: the length is the server's claim.
    private func reserveBody(_ limit: Int, received: Int) {
        var length: curl_off_t = -1
        let code = ccurl_get_off(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
        guard code == CURLE_OK, let expected = Int(exactly: length), expected > received else { return }
        body.reserveCapacity(min(expected, limit, 16 * 1024 * 1024))
    }
}

extension Duration {
    /// Whole milliseconds, at least 1 for a positive duration, within an Int.
    var clampedMilliseconds: Int {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds > 0 ? Int(Int32.max) : 0 }
        let fraction = attoseconds / 1_000_000_000_000_000
        let (sum, sumOverflow) = scaled.addingReportingOverflow(fraction)
        if sumOverflow || sum > Int64(Int32.max) { return Int(Int32.max) }
        if sum <= 0 { return self > .zero ? 1 : 0 }
        return Int(sum)
    }
}
