import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import Postgres

/// `Idempotency-Key`: a POST that is sent again is answered as the first time and does nothing (draft-ietf-httpapi-idempotency-key-header).
///
/// Only success is remembered: a refused request did nothing, so trying again is the right thing.
struct RememberAnswers: RouterMiddleware {
    typealias Context = AppContext

    let parts: ServerParts

    func handle(
        _ request: Request,
        context: AppContext,
        next: @concurrent (Request, AppContext) async throws -> Response
    ) async throws -> Response {
        // Blind signatures are never stored (anonymity.md, section 3.5); that route is repeatable by itself. A sign-in that is begun
        // again is another one.
        guard context.endpointPath?.hasSuffix("/anonymous-tokens") != true, context.endpointPath != "/v1/sign-in/{slug}"
        else {
            return try await next(request, context)
        }
        guard request.method == .post, let identity = context.identity,
            let key = HTTPField.Name("Idempotency-Key").flatMap({ request.headers[$0] })
        else { return try await next(request, context) }
        // One visible word: what proxies or logs could trim, fold or split would not be the same key the second time.
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(
                .malformed,
                errors: [.init(pointer: "Idempotency-Key", detail: "is not 1 to 255 visible ASCII characters")]
            )
        }
        let body = try await Self.collect(request)
        let entry = Entry(
            account: identity.account,
            key: key,
            request: request,
            body: body,
            secret: parts.secrets.idempotency
        )
        var again = request
        again.body = .init(buffer: ByteBuffer(bytes: body))
        let day = PostgresDate.today(in: .gmt, at: parts.now())
        let pool = parts.databases.member
        guard try await pool.first(ReserveAnswer(entry: entry, day: day)) != nil else {
            return try await remembered(entry)
        }
        let (response, bytes): (Response, Data)
        do {
            (response, bytes) = try await Self.keep(try await next(again, context))
        } catch {
            // Refused, so nothing was done and the key is free again, even if the client is gone and this task cancelled.
            await Task { _ = try? await pool.execute(ForgetAnswer(entry: entry)) }.value
            throw error
        }
        // From here on it is done: if the answer cannot be kept, the key stays taken rather than let it be done twice. In a task
        // of its own, because a client that hangs up cancels this one, and it will ask again.
        let sealed = try entry.seal(bytes)
        do {
            try await Task { _ = try await pool.execute(KeepAnswer(entry: entry, sealed: sealed)) }.value
        } catch {
            context.logger.error("an answer could not be kept", metadata: ["request": "\(context.requestId)"])
        }
        return response
    }

    private func remembered(_ entry: Entry) async throws -> Response {
        guard let found = try await parts.databases.member.first(ReadAnswer(entry: entry)) else {
            throw Problem(.idempotencyInProgress)
        }
        guard found.requestHash == entry.requestHash else { throw Problem(.idempotencyMismatch) }
        guard let sealed = found.sealed else { throw Problem(.idempotencyInProgress) }
        let stored = try JSONDecoder().decode(StoredAnswer.self, from: try entry.open(sealed))
        var headers = HTTPFields()
        for header in stored.headers {
            if let name = HTTPField.Name(header[0]) { headers[name] = header[1] }
        }
        return Response(
            status: .init(code: stored.status),
            headers: headers,
            body: .init(byteBuffer: ByteBuffer(bytes: stored.body))
        )
    }

    private static func collect(_ request: Request) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in request.body {
            bytes.append(contentsOf: chunk.readableBytesView)
            guard bytes.count <= 1 << 20 else { throw Problem(.tooLarge) }
        }
        return bytes
    }

    private static func keep(_ response: Response) async throws -> (Response, Data) {
        let writer = CollectingWriter()
        try await response.body.write(writer)
        let bytes = writer.bytes
        var kept = response
        kept.body = .init(byteBuffer: ByteBuffer(bytes: bytes))
        let stored = StoredAnswer(
            status: response.status.code,
            headers: response.headers.map { [$0.name.rawName, $0.value] },
            body: bytes
        )
        return (kept, try JSONEncoder().encode(stored))
    }

    private struct StoredAnswer: Codable {
        let status: Int
        let headers: [[String]]
        let body: [UInt8]
    }

    /// What a key stands for; the stored answer can be opened only with the client's own key.
    struct Entry: Sendable {
        let account: UUID
        let keyHash: [UInt8]
        let requestHash: [UInt8]
        private let sealing: SymmetricKey

        init(account: UUID, key: String, request: Request, body: [UInt8], secret: SymmetricKey) {
            self.account = account
            keyHash = Array(SHA256.hash(data: Array("key:\(key)".utf8)))
            requestHash = Array(SHA256.hash(data: Array("\(request.method) \(request.uri.path)\n".utf8) + body))
            sealing = HKDF<SHA256>.deriveKey(
                inputKeyMaterial: secret,
                info: Array("answer:\(account):\(key)".utf8),
                outputByteCount: 32
            )
        }

        func seal(_ bytes: Data) throws -> [UInt8] {
            Array(try AES.GCM.seal(bytes, using: sealing).combined ?? Data())
        }

        func open(_ sealed: [UInt8]) throws -> Data {
            try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: sealing)
        }
    }
}

/// Gathers a body that is about to be sent.
private final class CollectingWriter: ResponseBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ buffer: ByteBuffer) async throws { bytes.append(contentsOf: buffer.readableBytesView) }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

private struct ReserveAnswer: PostgresStatement {
    static let sql = """
        WITH old AS (DELETE FROM idempotency WHERE account_id = $1 AND day < $4 - 2)
        INSERT INTO idempotency (account_id, key_hash, request_hash, day) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        RETURNING account_id
        """
    let entry: RememberAnswers.Entry
    let day: PostgresDate
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(entry.account)
        parameters.append(entry.keyHash)
        parameters.append(entry.requestHash)
        parameters.append(day)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> UUID { try row.next() }
}

private struct ReadAnswer: PostgresStatement {
    static let sql = "SELECT request_hash, sealed_response FROM idempotency WHERE account_id = $1 AND key_hash = $2"
    let entry: RememberAnswers.Entry
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(entry.account)
        parameters.append(entry.keyHash)
    }
    static func decode(_ row: inout PostgresRow) throws(PostgresDecodingError) -> (
        requestHash: [UInt8], sealed: [UInt8]?
    ) {
        (try row.next(), try row.next())
    }
}

private struct KeepAnswer: PostgresStatement {
    typealias Row = Void
    static let sql = "UPDATE idempotency SET sealed_response = $3 WHERE account_id = $1 AND key_hash = $2"
    let entry: RememberAnswers.Entry
    let sealed: [UInt8]
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(entry.account)
        parameters.append(entry.keyHash)
        parameters.append(sealed)
    }
}

private struct ForgetAnswer: PostgresStatement {
    typealias Row = Void
    static let sql = "DELETE FROM idempotency WHERE account_id = $1 AND key_hash = $2"
    let entry: RememberAnswers.Entry
    func bind(_ parameters: inout PostgresParameters) {
        parameters.append(entry.account)
        parameters.append(entry.keyHash)
    }
}
