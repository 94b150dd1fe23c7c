import Crypto
import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// The files of the web client: whole, of one version, checked by the browser, and small.
@Suite struct WebClientTests {
    @Test func everyFileOfTheFolderTravelsInTheProgram() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Sources/CWebClient")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { ["app/", "icons/"].contains(where: $0.hasPrefix) && $0.contains(".") }
        #expect(names.count > 30)
        for name in names {
            let bytes = try Data(contentsOf: folder.appending(path: name))
            #expect(WebClient.files.contains { Data($0.bytes) == bytes }, "\(name) is not in web_client.c")
        }
    }

    @Test func thePageNamesEachModuleWithTheDigestOfItsBytes() async throws {
        try await withServer { server in
            let page = try await server.send("GET", "/")
            #expect(page.status == 200)
            let named = page.text.matches(of: /(?:href|src)="(\/web\/[^"]+)" integrity="sha256-([^"]+)"/)
            #expect(named.count > 8)
            for one in named {
                let file = try await server.send("GET", String(one.1))
                #expect(file.status == 200)
                #expect(Data(SHA256.hash(data: file.body)).base64EncodedString() == one.2, "\(one.1)")
                #expect(file.headers["cache-control"] == "public, max-age=31536000, immutable")
            }
            // Whatever is loaded from our own address is named with its digest.
            let loaded = page.text.matches(of: /<(?:script|link rel="(?:modulepreload|stylesheet)")[^>]*>/)
            #expect(loaded.count == named.count)
        }
    }

    @Test func theListOfDigestsHasEveryModuleAndAllThatItImports() async throws {
        try await withServer { server in
            let base = "/web/\(WebClient.version)/app"
            let list = try await server.send("GET", "\(base)/digests.js").text
            let start = try #require(list.firstRange(of: "export const files = "))
            let files = try JSONParser.parse(Array(Array(list[start.upperBound...].utf8).dropLast(2)))
            let names = WebClient.files.filter { $0.path.hasPrefix("app/views/") }.map { String($0.path.dropFirst(4)) }
            #expect(names.count > 10)
            for name in names + ["main.js", "texts/de.json", "app.css"] {
                let file = try await server.send("GET", "\(base)/\(name)")
                let digest = "sha256-" + Data(SHA256.hash(data: file.body)).base64EncodedString()
                #expect(files[name]["integrity"].string == digest, "\(name)")
            }
            #expect(files["views/channels.js"]["imports"].array.contains(.string("../anonymous.js")))
            #expect(try await server.send("GET", "/web/\(WebClient.version)/anonymous.js").status == 200)
        }
    }

    @Test func compressedOrNotItIsTheSameFileWithAnotherTag() async throws {
        try await withServer { server in
            let path = "/web/\(WebClient.version)/app/main.js"
            let plain = try await server.send("GET", path)
            let packed = try await server.send("GET", path, headers: ["Accept-Encoding": "br;q=1, gzip"])
            #expect(packed.headers["content-encoding"] == "gzip" && plain.headers["content-encoding"] == nil)
            #expect(packed.body.count < plain.body.count && packed.headers["etag"] != plain.headers["etag"])
            #expect(packed.headers["vary"] == "Accept-Encoding")
            let refused = try await server.send("GET", path, headers: ["Accept-Encoding": "gzip;q=0"])
            #expect(refused.body == plain.body)
            let again = try await server.send(
                "GET",
                path,
                headers: ["Accept-Encoding": "gzip", "If-None-Match": packed.headers["etag"] ?? ""]
            )
            #expect(again.status == 304)
            let command = ["/usr/bin/env", "gzip", "-dc"]
            let unpacked = await ChildProgram.run(command, input: Array(packed.body), keeping: 1_000_000).output
            #expect(Data(unpacked) == plain.body)
        }
    }

    @Test func anotherVersionIsNotMixedIn() async throws {
        try await withServer { server in
            #expect(try await server.send("GET", "/web/0000000000000000/app/main.js").status == 404)
            #expect(try await server.send("GET", "/web/\(WebClient.version)/app/index.html").status == 404)
            #expect(try await server.send("GET", "/web/\(WebClient.version)/app/worker.js").status == 404)
            let worker = try await server.send("GET", "/worker.js").text
            #expect(worker.contains("'\(WebClient.version)'") && worker.contains("app/views/inbox.js"))
            #expect(!worker.contains("// files"))
        }
    }

    @Test func pagesRunOnlyWhatThisServerServes() async throws {
        try await withServer { server in
            let page = try await server.send("GET", "/")
            let policy = page.headers["content-security-policy"] ?? ""
            #expect(policy.contains("default-src 'none'") && policy.contains("require-trusted-types-for 'script'"))
            #expect(!policy.contains("unsafe-") && !policy.contains("http"))
            #expect(page.headers["cross-origin-opener-policy"] == "same-origin")
            // Nothing stands in the page that the policy would have to allow by name.
            #expect(page.text.firstMatch(of: /<style|<script(?![^>]* src=)| on[a-z]+=| style=|https?:/) == nil)
            // A browser takes the policy of a 304 for that of the page that it has kept.
            for path in ["/", "/docs", "/privacy", "/worker.js", "/web/\(WebClient.version)/app/main.js"] {
                let known = ["If-None-Match": try await server.send("GET", path).headers["etag"] ?? ""]
                let again = try await server.send("GET", path, headers: known)
                #expect(again.status == 304 && again.headers["content-security-policy"] == policy, "\(path)")
            }
            let answer = try await server.send("GET", "/v1/me").headers["content-security-policy"] ?? ""
            #expect(answer.hasPrefix("default-src 'none'") && !answer.contains("script-src"))
        }
    }

    @Test func aDeviceFindsWhatItNeedsToInstallIt() async throws {
        try await withServer { server in
            let manifest = try await server.send("GET", "/manifest.webmanifest")
            #expect(manifest.status == 200 && manifest.headers["content-type"] == "application/manifest+json")
            #expect(manifest.json["start_url"].string == "/" && manifest.json["scope"].string == "/")
            #expect(manifest.json["icons"].array.count == 3)
            for icon in manifest.json["icons"].array {
                let picture = try await server.send("GET", icon["src"].string)
                #expect(picture.status == 200 && picture.headers["content-type"] == icon["type"].string)
                #expect(!picture.body.isEmpty)
            }
        }
    }

    @Test func whoHasNoJavaScriptReadsInThreeLanguagesWhatRemains() async throws {
        try await withServer { server in
            let page = try await server.send("GET", "/").text
            let inside = try #require(page.firstMatch(of: /(?s)<noscript>(.*)<\/noscript>/)).1
            for language in ["de", "de-DE-x-simple", "en"] { #expect(inside.contains("lang=\"\(language)\"")) }
        }
    }

    @Test func theFirstViewIsSmall() async throws {
        try await withServer { server in
            let page = try await server.send("GET", "/", headers: ["Accept-Encoding": "gzip"])
            let text = try await server.send("GET", "/").text
            var paths = text.matches(of: /(?:href|src)="(\/web\/[^"]+)"/).map { String($0.1) }
            paths += ["texts/de.json", "views/sign-in.js"].map { "/web/\(WebClient.version)/app/\($0)" }
            var sum = page.body.count
            for path in paths {
                sum += try await server.send("GET", path, headers: ["Accept-Encoding": "gzip"]).body.count
            }
            #expect(sum < 100_000, "\(sum) bytes in \(paths.count + 1) files")
        }
    }
}
