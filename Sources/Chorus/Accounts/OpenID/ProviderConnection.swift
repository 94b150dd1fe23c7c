import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1

/// Asks a provider: in bounded time, for an answer of bounded size, and nowhere else than it was told.
struct ProviderConnection: Sendable {
    /// The largest answer that is taken, in bytes.
    private static let limit = 262_144
    /// How long an answer may take as a whole.
    var patience = Duration.seconds(10)

    /// Lives as long as the process; what a redirect names is not what was checked.
    private static let client = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: {
            var configuration = HTTPClient.Configuration()
            configuration.redirectConfiguration = .disallow
            configuration.timeout = .init(connect: .seconds(5))
            configuration.decompression = .disabled
            return configuration
        }()
    )

    /// - Throws: ``ProviderFailure``.
    func read<Answer: Decodable>(_ address: String, as type: Answer.Type = Answer.self) async throws -> Answer {
        var request = HTTPClientRequest(url: address)
        request.headers.add(name: "Accept", value: "application/json")
        let (status, body) = try await send(request)
        guard status == 200, let answer = try? JSONDecoder().decode(type, from: body) else {
            throw ProviderFailure.unusable
        }
        return answer
    }

    private struct Tokens: Decodable {
        let idToken: String

        enum CodingKeys: String, CodingKey { case idToken = "id_token" }
    }

    /// Exchanges a code (RFC 6749, section 4.1.3; RFC 7636, section 4.5).
    ///
    /// - Parameters:
    ///   - code: what the browser came back with.
    ///   - flow: what it was sent with.
    ///   - provider: whose code it is.
    ///   - secret: the client's, where it has one.
    ///   - document: of the provider.
    /// - Returns: the ID token; every other token is dropped here.
    /// - Throws: ``ProviderFailure``.
    func idToken(
        for code: String,
        of flow: SignInFlow,
        at provider: Provider,
        secret: String?,
        _ document: ProviderDocument
    ) async throws -> String {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", flow.redirect),
            ("code_verifier", flow.verifier),
        ]
        var request = HTTPClientRequest(url: document.tokenEndpoint)
        request.method = .POST
        if let secret, !document.takesSecretInForm {
            // Both are encoded as in a form before they are joined (RFC 6749, section 2.3.1).
            let pair = "\(FormText.encode(provider.clientId)):\(FormText.encode(secret))"
            request.headers.add(name: "Authorization", value: "Basic \(Data(pair.utf8).base64EncodedString())")
        } else {
            fields.append(("client_id", provider.clientId))
            if let secret { fields.append(("client_secret", secret)) }
        }
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.headers.add(name: "Accept", value: "application/json")
        request.body = .bytes(ByteBuffer(string: FormText.form(fields)))
        let (status, body) = try await send(request)
        guard status == 200 else { throw (400..<500).contains(status) ? ProviderFailure.codeRefused : .unusable }
        guard let tokens = try? JSONDecoder().decode(Tokens.self, from: body) else { throw ProviderFailure.unusable }
        return tokens.idToken
    }

    private func send(_ request: HTTPClientRequest) async throws -> (status: Int, body: Data) {
        let patience = patience
        do {
            return try await withThrowingTaskGroup(of: (status: Int, body: Data).self) { group in
                group.addTask {
                    let response = try await Self.client.execute(request, timeout: TimeAmount(patience))
                    let body = try await response.body.collect(upTo: Self.limit)
                    return (status: Int(response.status.code), body: Data(buffer: body))
                }
                // The client's own clock stops at the head, and a byte now and then would keep it listening for ever.
                group.addTask {
                    try await Task.sleep(for: patience)
                    throw ProviderFailure.unreachable
                }
                defer { group.cancelAll() }
                guard let answer = try await group.next() else { throw ProviderFailure.unreachable }
                return answer
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch is NIOTooManyBytesError {
            throw ProviderFailure.unusable
        } catch {
            throw ProviderFailure.unreachable
        }
    }
}

/// Texts as they stand in forms and queries.
enum FormText {
    /// All but letters, digits and `-._~` as `%XX` (RFC 3986, section 2.3).
    static func encode(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = byte < 0x80 && (Character(scalar).isLetter || Character(scalar).isNumber)
            if isPlain || "-._~".utf8.contains(byte) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }

    static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(encode($0.0))=\(encode($0.1))" }.joined(separator: "&")
    }

    /// The value of a field that stands once in a form; `nil` when it stands nowhere, or twice.
    static func value(of name: String, in form: String) -> String? {
        let found = form.split(separator: "&").compactMap { field -> String? in
            let pair = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, pair[0] == name else { return nil }
            return pair[1].replacing("+", with: " ").removingPercentEncoding
        }
        return found.count == 1 ? found[0] : nil
    }
}
