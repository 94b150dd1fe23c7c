public import Foundation
public import Logging

/// What a server is started with; read once, passed on by value.
public struct ServerConfiguration: Sendable {
    /// The address to listen on; loopback by default.
    public var host = "127.0.0.1"
    /// The port to listen on; 8080 by default, 0 takes a free one.
    public var port = 8080
    /// Where the files outside the databases live: secrets, batch keys, and the embedded server's data.
    public var data: URL
    /// libpq URI of the private database with a login that may create roles; `nil` runs the embedded server.
    public var databaseURL: String?
    /// libpq URI of the record; given exactly when `databaseURL` is.
    public var recordURL: String?
    /// Libpq URI of the private database past a pooler that lends its sessions to many clients; `nil` without one.
    ///
    /// For listening and for migrations. Given exactly when `directRecordURL` is; without them nothing is heard of
    /// other processes behind such a pooler, and so no answer is kept.
    public var directDatabaseURL: String?
    /// See ``directDatabaseURL``.
    public var directRecordURL: String?
    /// Whether statements are prepared under names; true by default.
    ///
    /// Not behind a pooler that lends its sessions to many clients.
    public var preparesStatements = true
    /// Libpq URI of a streaming replica of the record, for reads; none by default.
    public var recordReplicaURL: String?
    /// The address on which anonymous routes, and only they, are served; `host` by default.
    public var anonymousHost: String?
    /// The port for anonymous routes; `nil` serves them beside everything else, 0 takes a free one.
    public var anonymousPort: Int?
    /// Whether this server takes anonymous input and mixes it; true by default.
    ///
    /// Of servers without a common data directory one may.
    public var takesAnonymous = true
    /// How often the inbox is mixed; one hour by default.
    public var mixEvery: Duration = .seconds(3600)
    /// log2 of scrypt's N; 17 by default, not below 15.
    public var passwordCost = 17
    /// How many requests a minute one account, or one address without one, may make.
    public var requestsPerMinute = 6_000
    /// How many credential-less reads in ten seconds cost nothing; beyond, whoever asks has to work for an answer.
    public var calmReads = 500
    /// How many wrong passwords a minute one address, or one account, may have.
    public var failedSignInsPerMinute = 20
    /// Who mail is from, such as `Chorus <post@example.org>`; `nil` sends none.
    public var mailFrom: String?
    /// Where people reach this server, such as `https://chorus.example.org`; `nil` sends no mail.
    public var publicURL: String?
    /// The program that takes mail, with the arguments of `sendmail`.
    public var sendmail = "/usr/sbin/sendmail"
    /// The program that makes QR codes, of Debian's package `qrencode`; without it posters show their address alone.
    public var qrencode = "/usr/bin/qrencode"
    /// `host` or `host:port` of receivers of notices inside the operator's own network, which need be neither public nor encrypted;
    /// none by default.
    public var webhookHosts: Set<String> = []
    /// `host` or `host:port` of providers of sign-ins that may be asked without encryption; none by default, but this machine always.
    public var providerHosts: Set<String> = []
    /// Where the certificate and its key stand; `nil` serves without TLS.
    var certificateFiles: Certificates.Files?
    /// The proxies whose word about their clients is believed; none by default.
    var trustedProxies = TrustedProxies()
    /// How long and how much a connection may take.
    var limits = PortLimits()
    /// The least severe line that is logged; `info` by default.
    public var logLevel: Logger.Level = .info

    /// How an address of this server begins.
    public var scheme: String { certificateFiles == nil ? "http" : "https" }

    /// How lines of the log look; `text` by default.
    public var logFormat: LogFormat = .text

    /// - Parameter data: the data directory; made with mode 0700 when it is missing.
    public init(data: URL) {
        self.data = data
    }
}
