import Crypto
import Foundation
import Logging
import Postgres
import ServiceLifecycle

/// Empties the inbox: a batch goes in in the order of arrival and comes out in none.
struct Mixer: Sendable {
    /// A network goes out when it has so many rows; what is said under one receipt counts once, so that one author cannot fill it.
    static let minimum = 8
    /// It also goes out when its oldest row has waited through so many mixes.
    static let maximumWait = 3

    /// What one mix did, in numbers that name nobody.
    struct Outcome: Sendable, Equatable {
        var mixed = 0
        var carried = 0
        var releases: [UUID] = []
    }

    let parts: ServerParts

    private var pool: PostgresPool { parts.databases.mixer }

    /// Mixes once.
    ///
    /// - Parameter now: lets small networks go out too, as an operator may ask for.
    /// - Returns: an empty outcome when another process is mixing.
    func mix(now: Bool = false) async throws -> Outcome {
        defer { parts.changes.everythingChanged() }
        // Held by a transaction of its own: what another mixer carries over decides which rounds may be released.
        return try await pool.transaction { transaction in
            guard try await transaction.first(LockMixing()) == true else { return Outcome() }
            return try await mixAlone(now: now) { _ = try await pool.execute(CloseBatch()) }
        }
    }

    /// Mixes for the clock: of all servers one does it for each tick.
    ///
    /// Otherwise a network would wait for company through as many
    /// mixes less as there are servers.
    ///
    /// - Parameter tick: the instant on the clock.
    /// - Returns: `nil` while another process is mixing. For a tick that is done already, what a server that ended has left.
    func mix(at tick: Date) async throws -> Outcome? {
        defer { parts.changes.everythingChanged() }
        return try await pool.transaction { transaction in
            guard try await transaction.first(LockMixing()) == true else { return nil }
            let claim = ClaimTick(tick: tick, every: parts.mixInterval)
            guard try await transaction.first(IsTickFree(claim: claim)) == true else {
                return try await mixWhatIsLeft()
            }
            return try await mixAlone(now: false) {
                // Together, so that a server that ends here has done both or neither.
                try await pool.transaction { closing in
                    _ = try await closing.execute(claim)
                    _ = try await closing.execute(CloseBatch())
                }
            }
        }
    }

    /// Batches that were closed and not mixed.
    ///
    /// The open one stays open, so that no round may be released by it.
    private func mixWhatIsLeft() async throws -> Outcome {
        var outcome = Outcome()
        for batch in try await pool.execute(ReadBatches()) where !batch.isOpen {
            let done = try await mix(batch.id, everything: false)
            outcome.mixed += done.mixed
            outcome.carried += done.carried.count
        }
        return outcome
    }

    private func mixAlone(now: Bool, closing close: () async throws -> Void) async throws -> Outcome {
        // Rounds that were closing before the batch was closed: none of their ballots can be in a later batch.
        let closing = try await parts.closingRounds()
        try await close()
        CrashPoint.reached("mix-closed")
        var outcome = Outcome()
        var carriedNetworks: Set<UUID> = []
        for batch in try await pool.execute(ReadBatches()) where !batch.isOpen {
            let done = try await mix(batch.id, everything: now)
            outcome.mixed += done.mixed
            outcome.carried += done.carried.count
            carriedNetworks.formUnion(done.carried.map(\.network))
        }
        try await forgetKeys()
        let due = closing.filter { !carriedNetworks.contains($0.network) }
        outcome.releases = try await parts.releaseRounds(due)
        try await parts.closeThemes(except: carriedNetworks)
        outcome.releases += try await parts.releaseRounds([])
        return outcome
    }

    /// One closed batch, in one transaction.
    private func mix(_ batch: UUID, everything: Bool) async throws -> (mixed: Int, carried: [StagedSubmission]) {
        guard let key = parts.batchKeys.key(batch) else {
            // Nobody can open it any more. Rounds wait: their ballots may be in it, and an operator has to look.
            parts.logger.critical("the key file of a batch is missing; nothing is released until it is restored")
            throw Problem.unavailable()
        }
        let next = try await nextBatch()
        let done = try await pool.transaction { transaction -> (mixed: Int, carried: [StagedSubmission])? in
            guard try await transaction.first(LockBatch(id: batch)) != nil else { return nil }
            let rows = try await transaction.execute(ReadInbox(batch: batch))
            let staged = try rows.map { try StagedSubmission.open($0, key) }
            CrashPoint.reached("mix-opened")
            let sorted = sort(staged, everything: everything)
            for (network, submissions) in sorted.out.shuffled() {
                try await transaction.setNetwork(network)
                try await write(submissions, of: network, in: transaction)
                CrashPoint.reached("mix-written")
            }
            try await carry(sorted.carried, to: next, in: transaction)
            _ = try await transaction.execute(DeleteBatch(id: batch))
            CrashPoint.reached("mix-before-commit")
            return (sorted.out.values.reduce(0) { $0 + $1.count }, sorted.carried)
        }
        CrashPoint.reached("mix-committed")
        parts.batchKeys.destroy(batch)
        CrashPoint.reached("mix-key-destroyed")
        return done ?? (0, [])
    }

    /// Which networks go out.
    private func sort(
        _ staged: [StagedSubmission],
        everything: Bool
    ) -> (out: [UUID: [StagedSubmission]], carried: [StagedSubmission]) {
        let networks = Dictionary(grouping: staged, by: \.network)
        let out = networks.filter { _, rows in
            everything || Set(rows.filter(\.isCompany).map(\.receiptId)).count >= Self.minimum
                || rows.contains { $0.waited + 1 >= Self.maximumWait }
        }
        return (out, networks.filter { out[$0.key] == nil }.values.flatMap { $0 })
    }

    /// Spent tokens, messages, threads and numbers, each in a random order of its own.
    private func write(
        _ submissions: [StagedSubmission],
        of network: UUID,
        in transaction: PostgresTransaction
    ) async throws {
        let withdrawn = Set(submissions.filter { $0.withdraws == true }.map(\.receiptId))
        let replies = submissions.filter { $0.reply != nil && !withdrawn.contains($0.receiptId) }
        let submissions = submissions.filter { !$0.keyId.isEmpty }
        let spending = submissions.shuffled()
        let kept = Set(
            try await transaction.execute(
                InsertSpentTokens(
                    network: network,
                    keyIds: spending.map(\.keyId),
                    nullifiers: spending.map(\.nullifier)
                )
            )
        )
        let counted = submissions.filter { kept.contains($0.nullifier) }
        let zone = try await transaction.first(ReadNetwork(id: network))?.zone ?? .gmt
        let messages = counted.filter { !withdrawn.contains($0.receiptId) }
            .compactMap { staged in staged.message.map { (UUID(), staged, $0) } }
        _ = try await transaction.execute(
            InsertMessages(
                network: network,
                day: .today(in: zone, at: parts.now()),
                messages: messages.shuffled().map { (id: $0.0, message: $0.2) }
            )
        )
        _ = try await transaction.execute(
            InsertThreads(
                network: network,
                threads: messages.shuffled().map { (lookup: parts.lookup(of: $0.1.receiptId), message: $0.0) }
            )
        )
        _ = try await transaction.execute(InsertThemeRatings(network: network, submissions: counted.shuffled()))
        _ = try await transaction.execute(
            InsertContributions(network: network, numbers: counted.flatMap(InsertContributions.Number.from).shuffled())
        )
        let lookups = withdrawn.map { parts.lookup(of: $0) }
        if !lookups.isEmpty { _ = try await transaction.execute(DeleteMessages(network: network, lookups: lookups)) }
        try await write(replies: replies, of: network, on: .today(in: zone, at: parts.now()), in: transaction)
    }

    /// Replies, the threads in a random order, each thread's in its own.
    private func write(
        replies: [StagedSubmission],
        of network: UUID,
        on day: PostgresDate,
        in transaction: PostgresTransaction
    ) async throws {
        guard !replies.isEmpty else { return }
        let lookups = replies.filter(\.isCompany).map { parts.lookup(of: $0.receiptId) }
        let threads = try await transaction.execute(ReadThreads(network: network, lookups: lookups))
        let places = Dictionary(threads.map { ($0.lookup, $0.message) }) { first, _ in first }
        let byMessage = Dictionary(grouping: replies) { $0.reply?.message ?? places[parts.lookup(of: $0.receiptId)] }
        // In the order of ids, so that two who lock several never wait for each other.
        for message in byMessage.keys.compactMap(\.self).sorted(by: { $0.text < $1.text }) {
            _ = try await transaction.execute(LockNumbering(owner: message))
        }
        // Those whose thread has gone meanwhile have nobody to read them.
        let sorted = byMessage.shuffled().flatMap { message, replies in
            message.map { message in
                replies.compactMap(\.reply).sorted {
                    ($0.message == nil ? 0 : 1, $0.order) < ($1.message == nil ? 0 : 1, $1.order)
                }
                .map { MixedReply(message: message, fromTeam: $0.message != nil, text: $0.text) }
            } ?? []
        }
        _ = try await transaction.execute(InsertReplies(network: network, day: day, replies: sorted))
    }

    private func carry(
        _ submissions: [StagedSubmission],
        to batch: UUID,
        in transaction: PostgresTransaction
    ) async throws {
        guard !submissions.isEmpty, let key = parts.batchKeys.key(batch) else {
            if submissions.isEmpty { return }
            throw Problem.unavailable()
        }
        let sealed = try submissions.shuffled().map { staged in
            var staged = staged
            staged.waited += 1
            return (staged.tag(key), staged.receiptTag(key), try staged.sealed(key))
        }
        _ = try await transaction.execute(
            CarrySubmissions(
                batch: batch,
                tags: sealed.map(\.0),
                receiptTags: sealed.map(\.1),
                sealed: sealed.map(\.2)
            )
        )
    }

    /// The open batch, made when there is none.
    private func nextBatch() async throws -> UUID {
        if let open = try await pool.first(OpenBatch(id: nil)) ?? nil { return open }
        let mine = UUID()
        try parts.batchKeys.create(mine)
        guard let open = try await pool.first(OpenBatch(id: mine)) ?? nil else { throw Problem.unavailable() }
        if open != mine { parts.batchKeys.destroy(mine) }
        return open
    }

    /// Destroys the keys of batches that a crash left behind after their rows had gone.
    private func forgetKeys() async throws {
        let forgotten = parts.batchKeys.forgotten(at: Date())
        guard !forgotten.isEmpty else { return }
        let live = Set(try await pool.execute(ReadBatches()).map(\.id))
        for batch in forgotten where !live.contains(batch) { parts.batchKeys.destroy(batch) }
    }
}

/// Mixes on the clock, never because something arrived.
struct MixOnTheClock: Service {
    let mixer: Mixer
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for work in Self.works { mixer.parts.metrics.add(0, to: Self.failures(work)) }
            mixer.parts.metrics.set(mixer.parts.configuration.mixEvery / .seconds(1), of: "chorus_mix_interval_seconds")
            var mixes = 0
            var timing = MixTiming(every: mixer.parts.mixInterval, now: mixer.parts.now())
            while !Task.isCancelled {
                if let pause = timing.pause(at: mixer.parts.now(), .now) {
                    try? await Task.sleep(for: .seconds(pause))
                    continue
                }
                // The instant that has come; every server that mixes for it finds the same one.
                let interval = mixer.parts.mixInterval
                let tick = MixTiming.next(after: mixer.parts.now(), every: interval).addingTimeInterval(-interval)
                // Each by itself: a key that cannot be opened must not keep messages waiting.
                await attempt("keys") { try await mixer.parts.openDueKeys() }
                await attempt("mix") {
                    // When it began, as how long it took would tell how much there was.
                    let began = mixer.parts.now().timeIntervalSince1970.rounded(.down)
                    // Whoever is at it may end in the middle; then another one brings it to its end.
                    while try await mixer.mix(at: tick) == nil {
                        try? await Task.sleep(for: .milliseconds(Int.random(in: 200...400)))
                        if Task.isCancelled { return }
                    }
                    mixer.parts.metrics.set(began, of: "chorus_mix_last_timestamp_seconds")
                    mixes += 1
                }
                await attempt("threads") { try await mixer.parts.closeThreads() }
                // By then nothing waits any more that was sent while a key that is over was still good.
                if mixes > Mixer.maximumWait {
                    await attempt("nullifiers") { try await mixer.parts.deleteOldNullifiers() }
                }
            }
        }
    }

    private static let works = ["keys", "mix", "threads", "nullifiers"]

    private static func failures(_ work: String) -> String { "chorus_clock_failures_total{work=\"\(work)\"}" }

    /// Nothing is lost by a failure: the batch is mixed next time.
    private func attempt(_ name: String, _ body: () async throws -> Void) async {
        do { try await body() } catch {
            mixer.parts.metrics.add(1, to: Self.failures(name))
            let reason = (error as? PostgresError)?.description ?? "\(type(of: error))"
            logger.error("the clock's work failed", metadata: ["work": "\(name)", "error": "\(reason)"])
        }
    }
}
