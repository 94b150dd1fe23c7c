import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOSSL
@testable import TestSupport
import Testing

@testable import Chorus

/// TLS and HTTP/2 by real handshakes.
@Suite struct TLSTests {
    private func withEncryptedServer(
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (TestServer, TestCertificate) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-tls-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let certificate = try TestCertificate(in: directory, name: "first")
        try await withServer(configure: {
            $0.certificateFiles = .init(chain: certificate.chain, key: certificate.key)
            configure(&$0)
        }) { try await body($0, certificate) }
    }

    private let request = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    private let answered = "{\"status\":\"ok\"}"

    /// A pair is swapped while the server runs; what is open lives on, a broken pair changes nothing.
    @Test func aNewCertificateIsShownWithoutARestart() async throws {
        try await withEncryptedServer { server, files in
            let certificates = try #require(server.parts.certificates)
            let before = try await TestTLS(port: server.port)
            let first = try NIOSSLCertificate.fromPEMFile(files.chain)[0].toDERBytes()
            #expect(before.certificate == first)
            #expect(try await before.exchange(request, until: answered).contains("max-age=31536000"))

            let second = try TestCertificate(in: files.directory.appending(path: "second"), name: "second")
            try FileManager.default.removeItem(atPath: files.chain)
            try FileManager.default.copyItem(atPath: second.chain, toPath: files.chain)
            #expect(certificates.look() == .unchanged, "the key may be on its way")
            guard case .broken(let reason) = certificates.look() else {
                Issue.record("a pair that does not fit was taken")
                return
            }
            #expect(reason.contains(files.key) && reason.contains("belong together"), "\(reason)")
            #expect(certificates.look() == .unchanged, "said once")
            #expect(try await TestTLS(port: server.port).certificate == first)

            try FileManager.default.removeItem(atPath: files.key)
            try FileManager.default.copyItem(atPath: second.key, toPath: files.key)
            #expect(certificates.look(isAsked: true) == .replaced)
            let after = try await TestTLS(port: server.port)
            #expect(try after.certificate == NIOSSLCertificate.fromPEMFile(second.chain)[0].toDERBytes())
            #expect(after.certificate != first)
            #expect(try await after.exchange(request, until: answered).contains("200 OK"))
            // The one from before still works.
            #expect(try await before.exchange(request, until: answered).contains("200 OK"))
            #expect(try await before.isOpen)
        }
    }

    @Test func whatCannotBeShownIsRefusedAtTheStartWithWhatToDo() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-tls-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let one = try TestCertificate(in: directory.appending(path: "1"), name: "one")
        let two = try TestCertificate(in: directory.appending(path: "2"), name: "two")
        let nothing = directory.appending(path: "nothing").path(percentEncoded: false)
        for (chain, key, part) in [
            (one.chain, two.key, "belong together"), (nothing, one.key, "cannot be read"),
            (one.chain, nothing, "cannot be read"), (one.key, one.key, "no certificate"),
            (one.chain, one.chain, "no key"),
        ] {
            let refusal = #expect(throws: ConfigurationRefusal.self) {
                _ = try Certificates(.init(chain: chain, key: key))
            }
            #expect(refusal?.description.contains(part) == true, "\(refusal?.description ?? "")")
        }
    }

    @Test func tlsBefore12AndWhatIsNoTLSAreRefused() async throws {
        try await withEncryptedServer(configure: { $0.limits.handshake = .milliseconds(500) }) { server, _ in
            await #expect(throws: (any Error).self) { _ = try await TestTLS(port: server.port, highest: .tlsv11) }
            let old = try await TestTLS(port: server.port, highest: .tlsv12)
            #expect(old.protocolName == "http/1.1")
            #expect(await server.socket.exchange(1, .send(request)).isEmpty)
            // Neither a silent client nor a slow one holds a place.
            #expect(await server.socket.exchange(1, .send("\u{16}\u{03}\u{01}")).isEmpty)
        }
    }

    /// Each request by HTTP/1.1, where the lane may answer, and by HTTP/2, where the router does.
    @Test func bothVersionsGiveTheSameAnswers() async throws {
        try await withEncryptedServer { server, _ in
            let organiser = try await server.person(.member, .organiser)
            let cases: [(String, String, String?)] = [
                ("GET", "/healthz", nil), ("GET", "/v1/me", nil), ("GET", "/v1/nothing", nil),
                ("DELETE", "/healthz", nil),
                ("GET", "\(server.home)/memberships/me", nil), ("GET", "\(server.home)/events", nil),
                ("GET", "\(server.home)/events", nil), ("GET", "\(server.home)/events?limit=x", nil),
                ("POST", "\(server.home)/events", "{\"title\":7}"), ("POST", "\(server.home)/events", "{"),
                ("POST", "/v1/anonymous/submissions", "{}"), ("GET", "/", nil), ("GET", "/metrics", nil),
            ]
            for (method, path, body) in cases {
                let old = try await ask(server, .http1Only, method, path, body, organiser)
                let new = try await ask(server, .automatic, method, path, body, organiser)
                #expect(old.version == "HTTP/1.1" && new.version == "HTTP/2")
                #expect(old.essence == new.essence, "\(method) \(path)")
                #expect(new.essence.contains("strict-transport-security: max-age=31536000"), "\(method) \(path)")
            }
        }
    }

    private func ask(
        _ server: TestServer,
        _ version: HTTPClient.Configuration.HTTPVersion,
        _ method: String,
        _ path: String,
        _ body: String?,
        _ person: TestPerson
    ) async throws -> (version: String, essence: [String]) {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = .makeClientConfiguration()
        configuration.tlsConfiguration?.certificateVerification = .none
        configuration.httpVersion = version
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        defer { Task { try? await client.shutdown() } }
        var request = HTTPClientRequest(url: "https://127.0.0.1:\(server.port)\(path)")
        request.method = .init(rawValue: method)
        if !path.contains("/anonymous/") { request.headers.add(name: "Authorization", value: "Bearer \(person.token)") }
        if let body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await client.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        let moving: Set = ["date", "ratelimit", "content-length", "connection"]
        let headers = response.headers.map { ($0.name.lowercased(), $0.value) }.filter { !moving.contains($0.0) }
        let text = String(buffer: bytes).replacing(#/"requestId":"[^"]*"/#, with: "")
        return (
            "\(response.version)".replacing("HTTP/2.0", with: "HTTP/2"),
            ["\(response.status.code)"] + headers.map { "\($0.0): \($0.1)" }.sorted() + [path == "/metrics" ? "" : text]
        )
    }
}
