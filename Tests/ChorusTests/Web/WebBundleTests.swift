import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The script by which somebody who does not trust the server computes the digest of its client.
@Suite struct WebBundleTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../.ci/web-bundle-hash").standardized.path

    @Test func theDigestOfTheWebClientFollowsFromTheCheckout() async throws {
        try await withServer { server in
            let directory = try await server.send("GET", "/v1/anonymous/directory?network=\(server.network.id.text)")
            let served = directory.json["bundleSHA256"].string
            let address = "http://127.0.0.1:\(server.port)"
            let command = ["/usr/bin/env", "python3", "-B", Self.script, "--server", address]
            let (status, output) = await ChildProgram.run(command, keeping: 1_000)
            #expect(status == 0, "each file that the server gives is the one of the checkout")
            #expect(String(decoding: output, as: UTF8.self) == served + "\n")
        }
    }
}
