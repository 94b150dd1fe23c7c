import Foundation
@testable import TestSupport
import Testing

@testable import Chorus

/// HR with a script: pulls whatever it may, as often as it likes, and keeps every answer.
struct Attacker {
    /// What a pull found that the one before it had not.
    struct News {
        /// Releases that were not there.
        var releases: [String] = []
        /// Paths whose answer is another than before.
        var changed: [String] = []
        /// Answers to what was not there before, by path.
        var tables: [String: JSONValue] = [:]
    }

    let server: TestServer
    let hr: TestPerson
    private(set) var pulls = 0
    private(set) var cells = 0
    private var list = Data()
    private var releases: [String] = []
    private var kept: [String: (body: Data, cells: Int)] = [:]

    init(on server: TestServer) async throws {
        self.server = server
        hr = try await server.person(.hr)
        _ = try await pull()
    }

    /// The list, and all four tables of every release or of the newest one and of some others.
    ///
    /// An old answer is compared with what it was at first: one that has changed is found by the next pull of everything too.
    mutating func pull(ofEverything: Bool = true) async throws -> News {
        var news = News()
        let path = "\(server.record)/releases?limit=200"
        let body = try #require(try await server.pull(path, as: hr))
        pulls += 1
        if body != list {
            list = body
            let found = try JSONParser.parse(Array(body))["items"].array.map { $0["id"].string }
            news.releases = found.filter { !releases.contains($0) }
            // A release never goes, and its line in the list is part of what never changes.
            if !Set(releases).isSubset(of: found) { news.changed.append(path) }
            releases = found
        }
        let asked = ofEverything ? releases : Array(releases.prefix(1) + releases.dropFirst().shuffled().prefix(2))
        let paths = asked.flatMap { release in
            ReleaseTable.allCases.map { "\(server.record)/releases/\(release)/tables/\($0.rawValue)" }
        }
        for (path, body) in try await bodies(of: paths) {
            let body = try #require(body, "\(path)")
            if kept[path]?.body != body {
                let json = try JSONParser.parse(Array(body))
                if kept[path] == nil { news.tables[path] = json } else { news.changed.append(path) }
                kept[path] = (body, json["cells"].array.count)
            }
            pulls += 1
            cells += kept[path]?.cells ?? 0
        }
        return news
    }

    /// Eight at a time.
    private func bodies(of paths: [String]) async throws -> [String: Data?] {
        let (server, hr) = (server, hr)
        return try await withThrowingTaskGroup(of: [(String, Data?)].self) { group in
            for lane in 0..<8 {
                let mine = stride(from: lane, to: paths.count, by: 8).map { paths[$0] }
                group.addTask {
                    var found: [(String, Data?)] = []
                    for path in mine { found.append((path, try await server.pull(path, as: hr))) }
                    return found
                }
            }
            return try await group.reduce(into: [:]) { all, some in for (path, body) in some { all[path] = body } }
        }
    }
}
