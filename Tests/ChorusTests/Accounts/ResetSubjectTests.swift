import Foundation
import Postgres
@testable import TestSupport
import Testing

@testable import Chorus

/// Whom a coordinator may help to get back in, and whom only the operator.
@Suite struct ResetSubjectTests {
    private func mayBeHelped(
        _ roles: Role...,
        isActive: Bool = true,
        hasEmail: Bool = true,
        isAdmin: Bool = false,
        networks: Int = 1
    ) -> Bool {
        ResetSubject(
            account: UUID(),
            roles: Set(roles.map(\.rawValue)),
            isActive: isActive,
            hasEmail: hasEmail,
            isAdmin: isAdmin,
            networks: networks
        ).mayBeHelped
    }

    @Test func membersAndOrganisersOfOneNetworkAreHelped() {
        #expect(mayBeHelped(.member))
        #expect(mayBeHelped(.member, .organiser))
        for role in [Role.moderator, .coordinator, .council, .hr] {
            #expect(!mayBeHelped(role), "\(role)")
            #expect(!mayBeHelped(.member, role), "\(role)")
        }
        #expect(!mayBeHelped())
        #expect(!mayBeHelped(.member, isActive: false))
        #expect(!mayBeHelped(.member, hasEmail: false))
        #expect(!mayBeHelped(.member, isAdmin: true))
        #expect(!mayBeHelped(.member, networks: 2))
        #expect(!mayBeHelped(.member, networks: 0))
    }

    @Test func onlyCoordinatorsMakeCodesAndOnlyForTheirOwnPeople() async throws {
        try await withServer(configure: { $0.passwordCost = 10 }) { server in
            let member = try await server.signedIn()
            let before = try await server.fingerprint()["private.password_reset"]
            let statuses: [(roles: [Role], status: Int)] = [
                ([.member], 403), ([.member, .organiser], 403), ([.member, .moderator], 403), ([.hr], 403),
                ([.council], 403), ([], 404),
            ]
            for (roles, status) in statuses {
                let asker = try await server.session(of: try await server.person(roles: roles))
                let reply = try await server.resetCode(for: member.person.membership, by: asker)
                #expect(reply.status == status, "\(roles): \(reply.text)")
            }
            let program = try await server.person(.member, .coordinator)
            #expect(try await server.resetCode(for: member.person.membership, by: program).status == 403)
            let elsewhere = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "N", employer: "S")
            let neighbour = try await server.parts.createNetwork(elsewhere, keyNoticeDays: 0)
            let there = TestServer(server: server.server, port: server.port, network: neighbour)
            let stranger = try await there.session(of: try await there.person(.member, .coordinator))
            #expect(try await server.resetCode(for: member.person.membership, by: stranger).status == 404)
            #expect(try await there.resetCode(for: member.person.membership, by: stranger).status == 404)
            #expect(try await server.fingerprint()["private.password_reset"] == before)
        }
    }

    @Test func whoIsRefusedIsRefusedAlike() async throws {
        try await withServer(configure: { $0.passwordCost = 10 }) { server in
            let coordinator = try await server.session(of: try await server.person(.member, .coordinator))
            let elsewhere = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "N", employer: "S")
            let neighbour = try await server.parts.createNetwork(elsewhere, keyNoticeDays: 0)
            let (busy, suspended) = (try await server.signedIn(), try await server.signedIn())
            try await join(neighbour, busy, server)
            try await server.run(
                "UPDATE membership SET state = 'suspended' WHERE id = '\(suspended.person.membership)'",
                on: .private
            )
            let people = [
                try await server.signedIn([.hr]), try await server.signedIn([.council]),
                try await server.signedIn([.member, .moderator]), try await server.signedIn([.member, .coordinator]),
                try await server.signedIn(isAdmin: true), busy, suspended,
            ]
            var answers: Set<String> = []
            for person in people {
                let reply = try await server.resetCode(for: person.person.membership, by: coordinator)
                #expect(reply.problem == "reset-by-operator", "\(reply.text)")
                answers.insert("\(reply.status) \(reply.json["detail"].string) \(reply.pointers)")
            }
            #expect(answers.count == 1)
            #expect(try await server.resetCode(for: UUID(), by: coordinator).status == 404)
            #expect(try await server.count("SELECT count(*) FROM password_reset") == 0)
        }
    }

    @Test func aCodeOpensNothingThatCameAfterIt() async throws {
        try await withServer(configure: { $0.passwordCost = 10 }) { server in
            let coordinator = try await server.session(of: try await server.person(.member, .coordinator))
            let (risen, busy) = (try await server.signedIn(), try await server.signedIn())
            let codes = [
                try await server.resetCode(for: risen.person.membership, by: coordinator).json["code"].string,
                try await server.resetCode(for: busy.person.membership, by: coordinator).json["code"].string,
            ]
            let path = "\(server.home)/memberships/\(risen.person.membership.text)"
            let roles = "{\"roles\":[\"member\",\"moderator\"]}"
            let changed = try await server.send("PATCH", path, roles, as: coordinator, headers: ["If-Match": "*"])
            #expect(changed.status == 200, "\(changed.text)")
            let elsewhere = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "N", employer: "S")
            try await join(try await server.parts.createNetwork(elsewhere, keyNoticeDays: 0), busy, server)
            for (person, code) in zip([risen, busy], codes) {
                #expect(try await server.resetPassword(person.email, code).problem == "reset-refused")
                #expect(try await server.send("GET", "/v1/me", as: person.person).status == 200)
            }
        }
    }

    @Test func theOperatorLetsEverybodyInAndEveryNetworkSaysSo() async throws {
        try await withServer(configure: { $0.passwordCost = 10 }) { server in
            let hr = try await server.signedIn([.hr])
            let elsewhere = NewNetwork(slug: "nebenan-\(UUID().text.prefix(8))", name: "N", employer: "S")
            let neighbour = try await server.parts.createNetwork(elsewhere, keyNoticeDays: 0)
            let there = TestServer(server: server.server, port: server.port, network: neighbour)
            try await join(neighbour, hr, server)
            try await server.server.resetPassword(email: hr.email.uppercased(), password: "ein-neues-langes-wort")
            server.parts.changes.everythingChanged()
            #expect(try await server.send("GET", "/v1/me", as: hr.person).status == 401)
            #expect(try await server.signIn(hr.email) == nil)
            let token = try #require(try await server.signIn(hr.email, "ein-neues-langes-wort"))
            let reader = TestPerson(account: UUID(), membership: UUID(), token: token)
            let news = try await server.send("GET", "/v1/me/news", as: reader).json["items"].array
            #expect(news.map { $0["network"].string } == [neighbour.id.text], "HR has the record only")
            for place in [server, there] {
                let entries = try await place.audit(as: try await place.person(.council)).entries
                #expect(entries.last?["content"]["step"].string == "operator")
            }
            for (email, password) in [(hr.email, "kurz"), ("nobody@example.org", "ein-neues-langes-wort")] {
                await #expect(throws: OperationRefusal.self) {
                    try await server.server.resetPassword(email: email, password: password)
                }
            }
        }
    }

    /// Makes somebody a member of another network too.
    private func join(_ network: Network, _ person: TestSignIn, _ server: TestServer) async throws {
        let membership = InsertMembership(
            network: network.id,
            account: person.person.account,
            roles: [.member],
            displayName: "Ada"
        )
        _ = try await server.parts.databases.member.execute(membership, network: network.id)
    }
}
