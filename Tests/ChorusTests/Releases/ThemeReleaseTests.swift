import AnonymousTokens
import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Coins that hold nothing up.
private struct KindCoins: RandomNumberGenerator {
    mutating func next() -> UInt64 { .max }
}

/// Numbers beside free messages become releases of themes, once a month (anonymity.md, section 5.1).
@Suite struct ThemeReleaseTests {
    private let clock = TestClock()

    /// Whole months pass on the server's clock; the keys of the present are opened.
    private func passMonth(_ server: TestServer) async throws {
        clock.pass(days: 31)
        try await server.parts.openDueKeys()
        try await server.parts.closeThemes()
        _ = try await server.parts.releaseRounds([])
    }

    private func post(_ server: TestServer, _ people: [TestPerson], _ channel: String, _ themes: [String?], rating: Int)
        async throws
    {
        var wallets: [[Token]] = []
        for person in people { wallets.append(try await server.wallet(of: person).tokens[server.network.id] ?? []) }
        for (index, wallet) in wallets.enumerated() {
            for (token, theme) in zip(wallet, themes) {
                let stars = (index + rating) % 5 + 1
                let message = TestServer.message("Text", channel: channel, theme: theme, rating: stars)
                let reply = try await server.submit(token, message)
                #expect(reply.status == 202, "\(reply.text)")
            }
        }
        try await server.mix()
    }

    @Test func themesAreReleasedOnceAMonthAndOnlyForTheWholeNetwork() async throws {
        // A coin may hold a theme up and another one its group: of forty closes one would be another one.
        try await withServer(now: clock.now, coins: { KindCoins() }) { server in
            let team = try await server.person(.member, .coordinator)
            let hr = try await server.person(.hr)
            let new = """
                {"name":"Anliegen","policy":"p","themes":[{"name":"Aufstieg","group":"Laufbahn"},\
                {"name":"Fortbildung","group":"Laufbahn"},{"name":"Rassismus","sensitive":true}]}
                """
            let channel = try await server.send("POST", "\(server.home)/channels", new, as: team).json
            let themes = channel["themes"].array.map { $0["id"].string }
            let people = try await server.people(24)
            // Twenty-four people about careers, and eight about racism: too few for something sensitive.
            try await post(server, people, channel["id"].string, [themes[0], themes[1]], rating: 0)
            try await server.parts.closeThemes()
            #expect(
                try await server.send("GET", "\(server.record)/releases", as: hr).json["items"].array.isEmpty,
                "not before the month is over"
            )
            try await passMonth(server)
            let releases = try await server.send("GET", "\(server.record)/releases", as: hr).json["items"].array
            #expect(releases.map { $0["kind"].string } == ["themes"])
            #expect(releases[0]["round"] == .null)
            let path = "\(server.record)/releases/\(releases[0]["id"].string)/tables"
            let items = try await server.send("GET", "\(path)/item", as: hr).json["cells"].array
            #expect(Set(items.map { $0["itemText"].string }).isSubset(of: ["Aufstieg", "Fortbildung", "Laufbahn"]))
            let total = try await server.send("GET", "\(path)/total", as: hr).json["cells"].array
            #expect(total.map { $0["atLeast"].int } == [45])
            #expect(total[0]["item"] == .null)
            for table in ["unit", "item-unit"] {
                #expect(try await server.send("GET", "\(path)/\(table)", as: hr).json["cells"].array.isEmpty)
            }
            #expect(try await server.count("SELECT count(*) FROM theme_rating") == 0, "released numbers are gone")
            // Closing the same month again changes nothing.
            try await server.parts.closeThemes()
            #expect(try await server.count("SELECT count(*) FROM pending_release") == 1)
        }
    }

    @Test func aSensitiveThemeOfNinePeopleWaitsAndIsThenDeletedUnreported() async throws {
        try await withServer(now: clock.now) { server in
            let team = try await server.person(.member, .coordinator)
            let new = "{\"name\":\"A\",\"policy\":\"p\",\"themes\":[{\"name\":\"Rassismus\",\"sensitive\":true}]}"
            let channel = try await server.send("POST", "\(server.home)/channels", new, as: team).json
            let theme = channel["themes"][0]["id"].string
            let people = try await server.people(24)
            for person in people.dropFirst(9) { _ = try await server.wallet(of: person) }
            try await post(server, Array(people.prefix(9)), channel["id"].string, [theme, theme, theme], rating: 0)
            for waited in 1...3 {
                try await passMonth(server)
                #expect(try await server.count("SELECT count(*) FROM pending_release") == 0)
                let left = "SELECT count(*) FROM theme_rating WHERE closes_waited = \(waited)"
                #expect(try await server.count(left) == (waited < 3 ? 27 : 0))
            }
            #expect(try await server.count("SELECT count(*) FROM theme_rating") == 0)
        }
    }

    @Test func ratingsOfSeveralMixesCannotBeToldApart() async throws {
        try await withServer { server in
            let team = try await server.person(.member, .coordinator)
            let channel = try await server.channel(by: team)
            let people = try await server.people(24)
            for person in people.dropFirst(4) { _ = try await server.wallet(of: person) }
            try await post(server, Array(people.prefix(2)), channel, [nil, nil], rating: 0)
            let before = try await server.texts("SELECT id::text FROM theme_rating", of: .private)
            try await post(server, Array(people[2..<4]), channel, [nil, nil], rating: 2)
            #expect(try await server.count("SELECT count(*) FROM theme_rating") == 8)
            #expect(try await server.count("SELECT count(DISTINCT xmin::text) FROM theme_rating") == 1)
            let after = try await server.texts("SELECT id::text FROM theme_rating", of: .private)
            #expect(Set(before).isDisjoint(with: after))
        }
    }
}
