public import Foundation
import Logging

/// A configuration that is not understood; names the key, never the value.
struct ConfigurationRefusal: SetupRefusal {
    let description: String
}

extension ServerConfiguration {
    /// The keys that there are, as they stand in the environment and in a file.
    static let keys = [
        "CHORUS_DATABASE_URL", "CHORUS_RECORD_URL", "CHORUS_DATA", "CHORUS_HOST", "CHORUS_PORT",
        "CHORUS_ANONYMOUS", "CHORUS_ANONYMOUS_HOST", "CHORUS_ANONYMOUS_PORT", "CHORUS_MIX_EVERY",
        "CHORUS_PASSWORD_COST", "CHORUS_LOG_LEVEL", "CHORUS_LOG_FORMAT", "CHORUS_REQUESTS_PER_MINUTE",
        "CHORUS_CALM_READS", "CHORUS_MAIL_FROM", "CHORUS_PUBLIC_URL",
        "CHORUS_SENDMAIL", "CHORUS_QRENCODE", "CHORUS_WEBHOOK_HOSTS", "CHORUS_PROVIDER_HOSTS",
        "CHORUS_PREPARED_STATEMENTS", "CHORUS_DIRECT_DATABASE_URL", "CHORUS_DIRECT_RECORD_URL",
        "CHORUS_RECORD_REPLICA_URL",
        "CHORUS_TLS_CERTIFICATE", "CHORUS_TLS_KEY", "CHORUS_TRUSTED_PROXIES", "CHORUS_CONNECTIONS",
        "CHORUS_CONNECTIONS_PER_ADDRESS",
    ]
    /// Known to debug builds only; see ``CrashPoint``.
    private static let debugKeys = ["CHORUS_CRASH_AT"]

    /// Reads the configuration once: flags win over the environment, the environment over the file.
    ///
    /// - Parameters:
    ///   - flags: values of the command line by key, for example `CHORUS_PORT`.
    ///   - file: lines of `KEY=value`; none by default.
    ///   - mixEvery: how often the inbox is mixed when nobody says; one hour by default.
    ///   - data: the data directory when nobody says.
    /// - Throws: ``SetupRefusal`` naming a key that is unknown or malformed.
    public static func read(
        flags: [String: String],
        file: String? = nil,
        mixEvery: Duration = .seconds(3_600),
        data: URL = DataDirectory.standard
    ) async throws -> ServerConfiguration {
        let environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("CHORUS_") }
        for key in environment.keys.sorted() where !(keys + debugKeys).contains(key) {
            throw unknown(key, "the environment")
        }
        let written = try file.map { try lines(of: $0) } ?? [:]
        let values = written.merging(environment) { $1 }.merging(flags) { $1 }
        return try Values(values: values).configuration(mixEvery: mixEvery, data: data)
    }

    /// The lines of a file; where a key stands twice, the later one wins.
    private static func lines(of file: String) throws -> [String: String] {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
            throw ConfigurationRefusal(description: "The configuration file \(file) cannot be read.")
        }
        var values: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingWhitespace()
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "=") else {
                throw ConfigurationRefusal(
                    description: "Line \(index + 1) of \(file) is not KEY=value. Mend it, or begin it with #."
                )
            }
            let key = line[..<equals].trimmingWhitespace()
            guard keys.contains(key) else { throw unknown(key, file) }
            values[key] = line[line.index(after: equals)...].trimmingWhitespace()
        }
        return values
    }

    private static func unknown(_ key: String, _ place: String) -> ConfigurationRefusal {
        ConfigurationRefusal(
            description:
                "\(key) in \(place) is no key of Chorus. Remove it, or use one of: \(keys.joined(separator: ", "))."
        )
    }
}

/// Reads each key and says which one is malformed.
private struct Values {
    let values: [String: String]

    func configuration(mixEvery: Duration, data: URL) throws -> ServerConfiguration {
        var configuration = ServerConfiguration(data: text("CHORUS_DATA").map { URL(filePath: $0) } ?? data)
        configuration.mixEvery =
            try value("CHORUS_MIX_EVERY", "a duration such as 90s, 10m or 1h", duration) ?? mixEvery
        configuration.host = text("CHORUS_HOST") ?? configuration.host
        configuration.port = try port("CHORUS_PORT") ?? configuration.port
        configuration.takesAnonymous =
            try value("CHORUS_ANONYMOUS", "on or off") { ["on": true, "off": false][$0] }
            ?? configuration.takesAnonymous
        configuration.anonymousHost = text("CHORUS_ANONYMOUS_HOST")
        configuration.anonymousPort = try port("CHORUS_ANONYMOUS_PORT")
        guard configuration.anonymousHost == nil || configuration.anonymousPort != nil else {
            throw ConfigurationRefusal(
                description: "CHORUS_ANONYMOUS_HOST needs CHORUS_ANONYMOUS_PORT. Set both, or neither."
            )
        }
        configuration.passwordCost =
            try value("CHORUS_PASSWORD_COST", "a number from 15 to 22") {
                Int($0).flatMap { (15...22).contains($0) ? $0 : nil }
            }
            ?? configuration.passwordCost
        configuration.requestsPerMinute = try count("CHORUS_REQUESTS_PER_MINUTE") ?? configuration.requestsPerMinute
        configuration.calmReads = try count("CHORUS_CALM_READS") ?? configuration.calmReads
        configuration.webhookHosts = try hosts("CHORUS_WEBHOOK_HOSTS") ?? configuration.webhookHosts
        configuration.providerHosts = try hosts("CHORUS_PROVIDER_HOSTS") ?? configuration.providerHosts
        try readPort(&configuration)
        configuration.logLevel =
            try value("CHORUS_LOG_LEVEL", "one of trace, debug, info, notice, warning, error, critical") {
                Logger.Level(rawValue: $0)
            } ?? configuration.logLevel
        configuration.logFormat =
            try value("CHORUS_LOG_FORMAT", "text or json") { LogFormat(rawValue: $0) } ?? configuration.logFormat
        configuration.mailFrom =
            try value("CHORUS_MAIL_FROM", "an address such as Chorus <post@example.org>") {
                Mailbox($0) == nil ? nil : $0
            }
        configuration.publicURL =
            try value("CHORUS_PUBLIC_URL", "an address such as https://chorus.example.org", Self.address)
        configuration.sendmail =
            try value("CHORUS_SENDMAIL", "an absolute path") { $0.hasPrefix("/") ? $0 : nil } ?? configuration.sendmail
        configuration.qrencode =
            try value("CHORUS_QRENCODE", "an absolute path") { $0.hasPrefix("/") ? $0 : nil } ?? configuration.qrencode
        configuration.databaseURL = text("CHORUS_DATABASE_URL")
        configuration.recordURL = text("CHORUS_RECORD_URL")
        guard (configuration.databaseURL == nil) == (configuration.recordURL == nil) else {
            throw ConfigurationRefusal(description: "Set both CHORUS_DATABASE_URL and CHORUS_RECORD_URL, or neither.")
        }
        try readDatabases(into: &configuration)
        return configuration
    }

    private func readDatabases(into configuration: inout ServerConfiguration) throws {
        configuration.preparesStatements =
            try value("CHORUS_PREPARED_STATEMENTS", "named or unnamed") {
                ["named": true, "unnamed": false][$0]
            } ?? configuration.preparesStatements
        configuration.directDatabaseURL = text("CHORUS_DIRECT_DATABASE_URL")
        configuration.directRecordURL = text("CHORUS_DIRECT_RECORD_URL")
        configuration.recordReplicaURL = text("CHORUS_RECORD_REPLICA_URL")
        guard (configuration.directDatabaseURL == nil) == (configuration.directRecordURL == nil) else {
            throw ConfigurationRefusal(
                description: "Set both CHORUS_DIRECT_DATABASE_URL and CHORUS_DIRECT_RECORD_URL, or neither."
            )
        }
        let isEmbedded = configuration.databaseURL == nil
        let isElsewhere = configuration.directDatabaseURL != nil || configuration.recordReplicaURL != nil
        guard !isEmbedded || (!isElsewhere && configuration.preparesStatements) else {
            throw ConfigurationRefusal(
                description: "CHORUS_PREPARED_STATEMENTS, CHORUS_DIRECT_… and CHORUS_RECORD_REPLICA_URL need "
                    + "CHORUS_DATABASE_URL and CHORUS_RECORD_URL: the embedded PostgreSQL has neither pooler nor replica."
            )
        }
    }

    private func text(_ key: String) -> String? { values[key] }

    private func port(_ key: String) throws -> Int? {
        try value(key, "a port from 0 to 65535") { Int($0).flatMap { (0...65_535).contains($0) ? $0 : nil } }
    }

    private func count(_ key: String) throws -> Int? {
        try value(key, "a number from 1 to 1000000000") {
            Int($0).flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
        }
    }

    private func hosts(_ key: String) throws -> Set<String>? {
        try value(key, "names of hosts with commas between them, each with a port if need be") { text in
            let hosts = text.lowercased().split(separator: ",").map { $0.trimmingWhitespace() }
            let areHosts = hosts.allSatisfy { $0.wholeMatch(of: #/[a-z0-9.-]+(:[0-9]{1,5})?/#) != nil }
            return areHosts && !hosts.isEmpty ? Set(hosts) : nil
        }
    }

    /// TLS, proxies and limits of connections.
    private func readPort(_ configuration: inout ServerConfiguration) throws {
        switch (text("CHORUS_TLS_CERTIFICATE"), text("CHORUS_TLS_KEY")) {
        case (let chain?, let key?): configuration.certificateFiles = .init(chain: chain, key: key)
        case (nil, nil): break
        default:
            throw ConfigurationRefusal(
                description: "CHORUS_TLS_CERTIFICATE and CHORUS_TLS_KEY go together. Set both, or neither."
            )
        }
        configuration.trustedProxies =
            try value(
                "CHORUS_TRUSTED_PROXIES",
                "addresses or blocks with commas between them, such as 127.0.0.1,10.0.0.0/8",
                { TrustedProxies($0) }
            ) ?? configuration.trustedProxies
        let limits = configuration.limits
        configuration.limits.connections = try count("CHORUS_CONNECTIONS") ?? limits.connections
        configuration.limits.connectionsOfOne =
            try count("CHORUS_CONNECTIONS_PER_ADDRESS")
            ?? min(limits.connectionsOfOne, max(1, configuration.limits.connections / 4))
    }

    private func value<Value>(_ key: String, _ form: String, _ read: (String) -> Value?) throws -> Value? {
        guard let text = text(key) else { return nil }
        guard let value = read(text) else { throw ConfigurationRefusal(description: "\(key) must be \(form).") }
        return value
    }

    /// An address of the web without a query, and without the slash at its end; it stands in headers of mail.
    private static func address(_ text: String) -> String? {
        let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard trimmed.hasPrefix("https://") || trimmed.hasPrefix("http://"), URL(string: trimmed)?.host() != nil,
            trimmed.utf8.count <= 200,
            trimmed.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"<>?#\"".utf8.contains($0) })
        else { return nil }
        return trimmed
    }

    private func duration(_ text: String) -> Duration? {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (1...10_000).contains(count)
        else {
            return nil
        }
        return .seconds(count * unit)
    }
}
