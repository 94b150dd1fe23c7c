import AnonymousTokens
import Crypto
import Foundation
import Hummingbird
import Postgres

/// What is taken waits for the mix.
struct Queued: Encodable {
    let status = "queued"
    let mixedAfter: String
}

/// `POST /v1/anonymous/submissions`: the way in, without a name.
struct SubmissionRoutes: Sendable {
    let parts: ServerParts

    func add(anonymous: some RouterMethods<AnonymousContext>) {
        anonymous.post("submissions", use: submit)
    }

    private var pool: PostgresPool { parts.databases.anonymous }

    private func submit(_ request: Request, _ context: AnonymousContext) async throws -> Response {
        let body = try await request.jsonBytes(limit: FixedSize.largest)
        let submission = try Fields.read(body, as: Submission.self)
        try FixedSize.require(body)
        guard let token = submission.token, let content = submission.content else { throw Problem(.malformed) }
        let network = try await check(token, for: content)
        let staged = try StagedSubmission(submission, token: token, network: network.id)
        CrashPoint.reached("submit-checked")
        try await stage(staged)
        CrashPoint.reached("submit-committed")
        let mixedAfter = RFC3339.string(parts.nextMix, in: network.zone)
        return try .json(Queued(mixedAfter: mixedAfter), status: .accepted)
    }

    /// Checks the token against its key, and that what is said belongs to the key's scope.
    private func check(_ token: Token, for content: Submission.Content) async throws -> Network {
        guard let known = try await parts.knownKey(token.input.keyId) else { throw Problem(.invalidToken) }
        let isValid = try await parts.compute { known.signed(token) }
        guard isValid, known.key.admits(content) else { throw Problem(.invalidToken) }
        try known.requireOpen(at: parts.now())
        if !parts.keys.hasFound(content.references, under: known.key.keyId) {
            let mark = parts.changes.mark(known.network.id, .content)
            try await checkReferences(of: content, in: known.network.id)
            parts.keys.keep(content.references, under: known.key.keyId, mark)
        }
        return known.network
    }

    private func checkReferences(of content: Submission.Content, in network: UUID) async throws {
        switch content {
        case .message(let message):
            let statement = CheckMessage(network: network, message: message)
            guard let found = try await pool.first(statement, network: network) else { return }
            let faults = [
                ("/message/channel", found.hasChannel), ("/message/theme", found.hasTheme),
                ("/message/unit", found.hasUnit),
            ].filter { !$0.1 }
            guard faults.isEmpty else {
                throw Problem(.invalid, errors: faults.map { .init(pointer: $0.0, detail: "is not known here") })
            }
        case .ballot(let ballot):
            let statement = CheckBallot(network: network, round: ballot.round, items: ballot.answers.map(\.item))
            let known = Set(try await pool.execute(statement, network: network))
            let faults = ballot.answers.indices.filter { !known.contains(ballot.answers[$0].item) }
            guard faults.isEmpty else {
                throw Problem(
                    .invalid,
                    errors: faults.map {
                        .init(pointer: "/ballot/answers/\($0)/item", detail: "is no item of the round")
                    }
                )
            }
        case .endorsement: break
        }
    }

    /// Commits the sealed submission; only then it may be acknowledged.
    private func stage(_ staged: StagedSubmission) async throws {
        // A batch can close between reading its id and writing to it; then the next one is open.
        for _ in 0..<5 {
            let batch = try await parts.openBatch()
            guard let key = parts.batchKeys.key(batch) else { throw Problem.unavailable() }
            let sealed = try SealedSubmission(staged, batch: batch, key: key)
            CrashPoint.reached("submit-sealed")
            if try await parts.submissions.submit(sealed) {
                parts.keys.lastBatch = batch
                return
            }
            if let earlier = try await find(staged) {
                guard earlier.digest == staged.digest else { throw Problem(.tokenSpent) }
                return
            }
            if try await pool.first(ReadSpentToken(submission: staged), network: staged.network) != nil {
                throw Problem(.tokenSpent)
            }
            let current = ReadKeys(network: staged.network, keyId: staged.keyId)
            if try await pool.first(current, network: staged.network)?.isClosed ?? true { throw Problem(.keyClosed) }
        }
        throw Problem.unavailable()
    }

    /// The submission of the same token in any batch that is not mixed yet.
    private func find(_ staged: StagedSubmission) async throws -> StagedSubmission? {
        for batch in try await pool.execute(ReadBatches()) {
            guard let key = parts.batchKeys.key(batch.id) else { continue }
            let statement = ReadStagedByTag(batch: batch.id, tag: staged.tag(key))
            if let sealed = try await pool.first(statement) { return try .open(sealed, key) }
        }
        return nil
    }
}

extension AnonymousKey {
    /// Whether tokens of this key may say this.
    func admits(_ content: Submission.Content) -> Bool {
        switch content {
        case .message: kind == .message
        case .ballot(let ballot): kind == .ballot && scope == ballot.round
        case .endorsement(let endorsement): kind == .endorsement && scope == endorsement.recommendation
        }
    }
}

extension StagedSubmission {
    init(_ submission: Submission, token: Token, network: UUID) throws {
        self.init(
            network: network,
            keyId: token.input.keyId,
            nullifier: token.input.nullifier,
            digest: Self.digest(of: submission),
            receiptId: submission.receiptId
        )
        switch submission.content {
        case .message(let message): self.message = message
        case .ballot(let ballot): self.ballot = ballot
        case .endorsement(let endorsement): self.endorsement = endorsement
        case nil: break
        }
    }
}

extension ServerParts {
    /// A key, from memory or from the databases; `nil` when there is none.
    func knownKey(_ keyId: [UInt8]) async throws -> KnownKey? {
        if let known = keys.find(keyId) { return known }
        let pool = databases.anonymous
        guard let id = try await pool.first(ReadKeyNetwork(keyId: keyId)) else { return nil }
        let mark = changes.mark(id, .content)
        guard let key = try await pool.first(ReadKeys(network: id, keyId: keyId), network: id),
            let network = try await pool.first(ReadNetwork(id: id))
        else { return nil }
        let known = KnownKey(
            key: key,
            network: network,
            publicKey: try IssuerPublicKey(modulus: key.modulus, exponent: IssuerPublicKey.exponent),
            contextDigest: key.context(in: id).digest
        )
        // Until its set is large enough, every grant changes what may be said under it.
        if key.granted >= key.minSet { keys.keep(known, mark) }
        return known
    }

    /// What is stored of a receipt: useless without the pepper, which no dump contains.
    func lookup(of receiptId: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: receiptId, using: secrets.receiptPepper))
    }

    /// The batch that takes submissions, made when there is none.
    func openBatch() async throws -> UUID {
        // What is sealed with a key that only this server has, nobody would mix.
        guard configuration.takesAnonymous else { throw Problem.unavailable() }
        let pool = databases.anonymous
        if let open = try await pool.first(OpenBatch(id: nil)) ?? nil { return open }
        let mine = UUID()
        try batchKeys.create(mine)
        let open = try await pool.first(OpenBatch(id: mine)) ?? nil
        if open != mine { batchKeys.destroy(mine) }
        guard let open else { throw Problem.unavailable() }
        return open
    }

    /// Counts what waits for a receipt in some batches.
    func stagedReceipts(_ receipt: [UInt8], in batches: [UUID]) -> CountStagedReceipts {
        let tags = batches.compactMap { batch in
            batchKeys.key(batch).map { (batch, StagedSubmission.tag(receipt, $0)) }
        }
        return CountStagedReceipts(batches: tags.map(\.0), receiptTags: tags.map(\.1))
    }

    /// When the clock mixes next.
    var nextMix: Date { MixTiming.next(after: now(), every: mixInterval) }

    /// Seconds between two mixes.
    var mixInterval: TimeInterval { max(1, Double(configuration.mixEvery.components.seconds)) }
}
