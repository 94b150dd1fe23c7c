import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// Behind Debian's nginx, as the handbook sets it up and as nobody has set it up.
@Suite(.serialized) struct ProxyProcessTests {
    private static let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Starts nginx in front of a server.
    ///
    /// - Parameter settings: further lines of its `location`.
    private func withProxy(_ server: TestServer, _ settings: String, _ body: (TestDoor) async throws -> Void)
        async throws
    {
        let directory = FileManager.default.temporaryDirectory.appending(path: "chorus-nginx-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let path = directory.path(percentEncoded: false)
        let port = try TestPort.free()
        let configuration = """
            daemon off; pid \(path)/pid; error_log \(path)/error.log; worker_processes 1;
            events { worker_connections 64; }
            http {
              access_log off;
              client_body_temp_path \(path)/b; proxy_temp_path \(path)/p; fastcgi_temp_path \(path)/f;
              uwsgi_temp_path \(path)/u; scgi_temp_path \(path)/s;
              server { listen 127.0.0.1:\(port); location / { proxy_pass http://127.0.0.1:\(server.port); \(settings) } }
            }
            """
        try Data(configuration.utf8).write(to: directory.appending(path: "nginx.conf"))
        let nginx = try #require(Self.program)
        let child = try #require(TestProgram.start(nginx, ["-p", path, "-c", "\(path)/nginx.conf"]))
        defer {
            kill(child, SIGTERM)
            waitpid(child, nil, 0)
        }
        let door = TestDoor(port: port, network: server.network)
        for _ in 0..<500 {
            if (try? await door.send("GET", "/healthz"))?.status == 200 { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        try await body(door)
    }

    private let asInTheHandbook = """
        proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto https;
        """

    @Test(.enabled(if: program != nil)) func aProxyIsBelievedExactlyWhenItIsNamed() async throws {
        for trusted in ["127.0.0.1", nil] {
            try await withServer(
                now: TestClock().now,
                configure: {
                    $0.trustedProxies = trusted.flatMap { TrustedProxies($0) } ?? TrustedProxies()
                    $0.requestsPerMinute = 30
                }
            ) { server in
                try await withProxy(server, asInTheHandbook) { proxy in
                    let reply = try await proxy.send("GET", "/v1/me", headers: ["X-Forwarded-For": "198.51.100.9"])
                    #expect(reply.status == 401)
                    #expect((reply.headers["strict-transport-security"] != nil) == (trusted != nil))
                    // nginx adds its client, 127.0.0.1, which is a trusted hop: the next to its left is the asker.
                    var refused: [Int] = []
                    for last in 0..<40 {
                        let address = "198.51.100.\(last % 2)"
                        refused.append(
                            try await proxy.send("GET", "/v1/me", headers: ["X-Forwarded-For": address]).status
                        )
                    }
                    #expect(refused.contains(429) == (trusted == nil), "\(refused)")
                    #expect(try await proxy.send("GET", "/metrics").status == 404)
                    #expect(try await server.send("GET", "/metrics").status == 200)
                    let headers = ["X-Client-Cert": "MII"]
                    let anonymous = try await proxy.send("POST", "/v1/anonymous/submissions", "{}", headers: headers)
                    #expect(anonymous.status == 400 && anonymous.text.contains("identity-attached"))
                }
            }
        }
    }

    /// `proxy_pass` and nothing else: figures stay on this machine all the same.
    @Test(.enabled(if: program != nil)) func aProxyThatSaysNothingOpensNoFigures() async throws {
        try await withServer { server in
            try await withProxy(server, "") { proxy in
                let health = try await proxy.send("GET", "/healthz")
                let metrics = try await proxy.send("GET", "/metrics")
                #expect((health.status, metrics.status) == (200, 404))
            }
        }
    }
}
