import Foundation

/// Sends a notice by the system's curl: its TLS and the certificates that it trusts are kept up to date by somebody else.
struct WebhookSender: Sendable {
    enum Outcome: Sendable, Equatable {
        case delivered
        /// The receiver answers, but did not take this one; the status code.
        case refused(String)
        /// Nobody answers; a kind of error.
        case unreachable(String)
    }

    /// `host` or `host:port` of receivers inside the operator's own network, for which plain http is allowed too.
    let trustedHosts: Set<String>
    /// How long an attempt may take, in seconds; a test may want it longer.
    var patience = 10

    func trusts(_ target: WebhookTarget) -> Bool {
        trustedHosts.contains(target.host) || trustedHosts.contains("\(target.host):\(target.port)")
    }

    /// - Parameters:
    ///   - body: printable ASCII.
    ///   - headers: names and values, printable ASCII.
    ///   - target: where to.
    func send(_ body: String, headers: [(name: String, value: String)], to target: WebhookTarget) async -> Outcome {
        guard target.isEncrypted || trusts(target) else { return .unreachable("not encrypted") }
        let addresses = await HostName.addresses(of: target.host)
        guard !addresses.isEmpty else { return .unreachable("unknown host") }
        // One address that must not be reached condemns the others: curl could take any of them.
        guard trusts(target) || addresses.allSatisfy(PublicAddress.isPublic) else {
            return .unreachable("not a public address")
        }
        // On standard input: arguments can be read by everybody on the machine.
        let settings = settings(body, headers, target, addresses)
        let (status, output) = await ChildProgram.run(
            ["/usr/bin/env", "curl", "--disable", "--config", "-"],
            input: Array(settings.utf8),
            keeping: 3,
            endsWithTask: true
        )
        return Self.outcome(exit: status >> 8, code: String(decoding: output, as: UTF8.self))
    }

    /// - Parameters:
    ///   - exit: curl's exit code, or env's 127 for a program that it does not find.
    ///   - code: the HTTP status, `000` for none.
    static func outcome(exit: Int32, code: String) -> Outcome {
        // 63: the answer is longer than we read; that it came is all that counts.
        if exit == 0 || exit == 63, code.count == 3, code != "000" {
            return code.hasPrefix("2") ? .delivered : .refused("HTTP \(code)")
        }
        return switch exit {
        case 127: .unreachable("curl is missing")
        case 28: .unreachable("took too long")
        case 35, 51, 58, 60: .unreachable("TLS")
        default: .unreachable("curl \(exit)")
        }
    }

    /// The addresses that were checked are the ones that are used: the name is not resolved again, and neither a redirect nor a
    /// proxy leads elsewhere.
    func settings(
        _ body: String,
        _ headers: [(name: String, value: String)],
        _ target: WebhookTarget,
        _ addresses: [[UInt8]]
    ) -> String {
        let pinned = addresses.prefix(4).map(PublicAddress.text).joined(separator: ",")
        var lines = [
            "url = \(quoted(target.url))", "resolve = \(quoted("\(target.host):\(target.port):\(pinned)"))",
            "proto = \(quoted(target.isEncrypted ? "=https" : "=http"))", "max-redirs = 0", "noproxy = \"*\"",
            "globoff",
            "silent", "max-time = \(patience)", "connect-timeout = 5", "max-filesize = 65536", "output = \"/dev/null\"",
            "write-out = \"%{http_code}\"", "data-raw = \(quoted(body))",
        ]
        lines += headers.map { "header = \(quoted("\($0.name): \($0.value)"))" }
        // An address stands for itself; curl takes no entry for it.
        if target.host.contains(":") { lines.remove(at: 1) }
        return lines.joined(separator: "\n") + "\n"
    }

    /// As curl(1), option `--config`, wants it.
    private func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

/// Names of machines.
enum HostName {
    /// What the system knows of a name, each address once: 4 or 16 bytes; none when it knows nothing.
    static func addresses(of host: String) async -> [[UInt8]] {
        await withCheckedContinuation { continuation in
            // On a thread of its own, because it waits for an answer.
            Thread.detachNewThread { continuation.resume(returning: addressesHere(host)) }
        }
    }

    private static func addressesHere(_ host: String) -> [[UInt8]] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_protocol = Int32(IPPROTO_TCP)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        var found: [[UInt8]] = []
        var next = first
        while let entry = next {
            if let address = bytes(entry.pointee), !found.contains(address) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func bytes(_ entry: addrinfo) -> [UInt8]? {
        guard let address = entry.ai_addr else { return nil }
        let raw = UnsafeRawPointer(address)
        switch entry.ai_family {
        case AF_INET:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
        case AF_INET6:
            return withUnsafeBytes(of: raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
        default:
            return nil
        }
    }
}
