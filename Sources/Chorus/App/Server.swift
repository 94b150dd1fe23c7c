import Foundation
import Hummingbird
public import Logging
import NIOPosix
import Postgres
import ServiceLifecycle
import UnixSignals

/// A server: databases, keys, clock and HTTP, from start to a clean end.
public struct Server: Sendable {
    let parts: ServerParts
    /// The embedded PostgreSQL, when this server has one.
    let cluster: EmbeddedPostgres?
    /// Libpq URIs of the two databases with the login that may do everything; for those who operate the server.
    public let privateURI: String
    /// See ``privateURI``.
    public let recordURI: String

    /// Opens the databases (starting the embedded PostgreSQL if none is configured), brings them to the schema of this program,
    /// and opens the pools; nothing is served yet.
    ///
    /// - Parameters:
    ///   - configuration: what the server is started with.
    ///   - logger: where it says what it does.
    ///   - migrates: whether the schema is brought up to date, or only checked; true by default.
    /// - Throws: ``SetupRefusal`` with what to do, or what PostgreSQL says.
    public static func open(
        _ configuration: ServerConfiguration,
        logger: Logger,
        migrates: Bool = true
    ) async throws -> Server {
        // Before anything is started that would have to be ended again.
        if let files = configuration.certificateFiles { _ = try Certificates(files) }
        // Before the pools, whose figures go there.
        _ = PrometheusRegistry.shared
        let data = try DataDirectory(configuration.data)
        let (setup, cluster) = try await openDatabases(configuration, data, logger: logger)
        do {
            try await setup.check(Peer(data, takesAnonymous: configuration.takesAnonymous))
            if migrates { try await setup.prepare() } else { try await setup.check() }
            let parts = try ServerParts(configuration, data: data, databases: setup.open(), logger: logger)
            return Server(
                parts: parts,
                cluster: cluster,
                privateURI: setup.privateURI,
                recordURI: setup.recordURI
            )
        } catch {
            await cluster?.leave()
            throw error
        }
    }

    /// Finds the databases, or starts the embedded PostgreSQL and makes them; looks at nothing in them.
    static func openDatabases(
        _ configuration: ServerConfiguration,
        _ data: DataDirectory,
        logger: Logger
    ) async throws -> (DatabaseSetup, EmbeddedPostgres?) {
        if let privateURI = configuration.databaseURL {
            let recordURI = configuration.recordURL ?? ""
            let setup = DatabaseSetup(privateURI: privateURI, recordURI: recordURI, data: data, logger: logger)
            return (setup.configured(by: configuration), nil)
        }
        let embedded = try await EmbeddedPostgres.prepare(data, logger: logger)
        try await embedded.enter()
        do {
            try await DatabaseSetup.createDatabases(on: embedded, logger: logger)
        } catch {
            await embedded.leave()
            throw error
        }
        let setup = DatabaseSetup(
            privateURI: embedded.uri("chorus"),
            recordURI: embedded.uri("chorus_record"),
            data: data,
            logger: logger
        )
        return (setup, embedded)
    }

    init(parts: ServerParts, cluster: EmbeddedPostgres?, privateURI: String, recordURI: String) {
        self.parts = parts
        self.cluster = cluster
        self.privateURI = privateURI
        self.recordURI = recordURI
    }

    /// After which nothing is waited for any more when the server is told to end.
    private static let patience: Duration = .seconds(7)

    /// Serves until the process is told to end (SIGTERM, SIGINT), then ends cleanly.
    ///
    /// - Parameters:
    ///   - supervisor: who is told when the server is ready and that it lives; nobody by default.
    ///   - onReady: called with the port once requests are answered.
    /// - Throws: what made it end otherwise, for example a port that is taken.
    public func serve(
        for supervisor: Supervisor? = nil,
        onReady: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        // All pools connect while the first of them are used; that one of them cannot is said by `/readyz`.
        async let _ = try? parts.databases.ping()
        let peer: KeepPeer
        do {
            peer = KeepPeer(
                peer: try Peer(parts.data, takesAnonymous: parts.configuration.takesAnonymous),
                pool: parts.databases.job,
                logger: parts.logger
            )
            try await peer.begin()
            try await parts.openDueKeys()
            // What a crash left between the two databases is finished before anything new begins.
            try await parts.repairPublications()
            try await parts.repairAnswers()
            _ = try await parts.releaseRounds([])
        } catch {
            await cluster?.leave()
            throw error
        }
        // The tests of what no log may hold look for this line first, which shows that they see all that is said.
        parts.logger.trace("each named request will have a line, no anonymous one")
        let mixer = Mixer(parts: parts)
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let application = application { found.yield($0) }
        let logger = parts.logger
        var services: [any Service] = []
        if let cluster {
            services.append(SuperviseEmbeddedPostgres(cluster: cluster, logger: parts.logger))
        }
        services += parts.databases.pools
        services += parts.listeners
        if let replica = parts.recordReplica { services.append(FollowReplica(replica: replica)) }
        services.append(peer)
        if parts.configuration.takesAnonymous {
            services.append(MixOnTheClock(mixer: mixer, logger: parts.logger))
        }
        services.append(RunJobs(parts: parts))
        services.append(RunJobs(parts: parts, isForDeliveries: true))
        if let certificates = parts.certificates {
            services.append(WatchCertificates(certificates: certificates, logger: logger))
        }
        services.append(WatchLoops(parts: parts, supervisor: supervisor))
        var doors: [any Service] = [application]
        if parts.configuration.anonymousPort != nil, parts.configuration.takesAnonymous {
            doors.append(
                self.application(.anonymous) { port in logger.info("anonymous routes", metadata: ["port": "\(port)"]) }
            )
        }
        let drain = Duration.nanoseconds(parts.configuration.limits.drain.nanoseconds)
        services.append(Doors(doors: doors, drain: drain, logger: logger))
        let announcement = Announce(ports: ports) { port in
            try await onReady(port)
            guard let supervisor else { return }
            // As `/readyz` answers: a server that listens and has no databases is of no use to those who wait for it.
            while (try? await parts.databases.ping()) == nil { try await Task.sleep(for: .milliseconds(500)) }
            supervisor.tell("READY=1")
        }
        var configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0) } + [
                .init(service: announcement, successTerminationBehavior: .ignore)
            ],
            // A terminal that is closed ends a server in order too; one with TLS learns of new files that way.
            gracefulShutdownSignals: [.sigterm, .sigint] + (parts.certificates == nil ? [.sighup] : []),
            logger: parts.logger
        )
        // Whoever ends a process kills it ten seconds later, many of them; a mail or a notice that is cut here is tried again.
        configuration.maximumGracefulShutdownDuration = Self.patience
        do { try await ServiceGroup(configuration: configuration).run() } catch is CancellationError {}
        try await parts.computing.shutdownGracefully()
    }

    /// The HTTP part alone.
    ///
    /// - Parameters:
    ///   - door: what is served; all but what has a port of its own by default.
    ///   - onListening: called with the port; no request is answered before it returns.
    func application(
        _ door: Door? = nil,
        onListening: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        let configuration = parts.configuration
        let (host, port) =
            door == .anonymous
            ? (configuration.anonymousHost ?? configuration.host, configuration.anonymousPort ?? 0)
            : (configuration.host, configuration.port)
        let served = door ?? (configuration.anonymousPort == nil ? .everything : .named)
        let lanes = expressLanes(parts, served)
        let limits = configuration.limits.within(OpenFiles.most, doors: configuration.anonymousPort == nil ? 1 : 2)
        let connections = Connections(limits, proxies: configuration.trustedProxies)
        return Application(
            router: buildRouter(parts, served),
            server: .init { responder in
                PortChannel(
                    responder: responder,
                    lanes: lanes,
                    callers: Callers(configuration),
                    certificates: parts.certificates,
                    limits: limits,
                    connections: connections
                )
            },
            configuration: .init(
                address: .hostname(host, port: port),
                serverName: nil,
                backlog: 1_024,
                availableConnectionsDelegate: AcceptWhileThereIsRoom(connections: connections)
            ),
            onServerRunning: { channel in
                let handler = EndInOrder.added(to: channel)
                try? await handler.get()
                onListening(channel.localAddress?.port ?? port)
            },
            logger: parts.logger
        )
    }

    /// Runs something with the databases open and without serving, then closes them; the embedded PostgreSQL is stopped unless
    /// another process uses it.
    ///
    /// - Parameter body: what to run.
    public func run<Value: Sendable>(_ body: (Server) async throws -> Value) async throws -> Value {
        let result: Result<Value, any Error>
        do { result = .success(try await body(self)) } catch { result = .failure(error) }
        for pool in parts.databases.pools { await pool.close() }
        try await parts.computing.shutdownGracefully()
        await cluster?.leave()
        return try result.get()
    }
}

/// Says that requests are answered; what it throws ends the server.
private struct Announce: Service {
    let ports: AsyncStream<Int>
    let onReady: @Sendable (Int) async throws -> Void

    func run() async throws {
        for await port in ports.cancelOnGracefulShutdown() { return try await onReady(port) }
    }
}

extension ServerParts {
    init(
        _ configuration: ServerConfiguration,
        data: DataDirectory,
        databases: Databases,
        logger: Logger,
        metrics: PrometheusRegistry = PrometheusRegistry.shared,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        let changes = Changes()
        let bearers = KnownBearers(changes: changes, now: now)
        let computing = NIOThreadPool(numberOfThreads: 2)
        computing.start()
        let secrets = try Secrets(data)
        self.init(
            configuration: configuration,
            data: data,
            secrets: secrets,
            databases: databases,
            logger: logger,
            metrics: metrics,
            computing: computing,
            passwords: PasswordQueue(threads: computing),
            batchKeys: BatchKeys(data),
            guesses: GuessLimits(
                allowance: configuration.failedSignInsPerMinute,
                key: secrets.guesses,
                now: now
            ),
            now: now,
            certificates: try configuration.certificateFiles.map { try Certificates($0) },
            limiter: RateLimiter(limit: configuration.requestsPerMinute, now: now),
            anonymousLimiter: RateLimiter(limit: configuration.requestsPerMinute, now: now),
            changes: changes,
            recordReplica: databases.recordReplica.map {
                RecordReplica(pool: $0, primary: databases.hr, changes: changes)
            },
            ready: ReadyAnswers(changes: changes, now: now),
            bearers: bearers,
            signIns: BearerGatherer(pool: databases.member, bearers: bearers, changes: changes, now: now),
            keys: KnownKeys(changes: changes, now: now),
            submissions: SubmissionGatherer(pool: databases.anonymous),
            rsvps: RSVPGatherer(pool: databases.member, changes: changes, now: now),
            grants: GrantGatherer(pool: databases.member),
            codes: QRCodes(program: configuration.qrencode),
            webhooks: WebhookSender(trustedHosts: configuration.webhookHosts),
            providers: KnownProviders(plainHosts: configuration.providerHosts, now: now)
        )
    }
}
