import Foundation
import Postgres
@testable import TestSupport

@testable import Chorus

/// Somebody who asks everything: one role of product.md each, an account that is in no network, and nobody.
struct TownAsker: Sendable {
    let name: String
    /// Absent for nobody.
    let person: TestPerson?
    /// Which words of `x-roles` are true of them in their own network.
    let roles: Set<String>
    /// Whether they have a place in their town's network.
    var isInside = true
    var scopes: Set<TokenScope> = [.read, .write]

    /// Whether what they sign in with is good for an operation; a service token can be for reading alone.
    func isLet(to operation: ContractOperation) -> Bool { scopes.contains(operation.isRead ? .read : .write) }
}

extension TestServer {
    /// One asker for each role, each with a credential of their own.
    ///
    /// - Parameter coauthor: has a say in a draft.
    func askers(coauthor: TestPerson) async throws -> [TownAsker] {
        let signedIn: Set<String> = ["anybody", "account", "session"]
        var all = [TownAsker(name: "nobody", person: nil, roles: ["anybody"], isInside: false)]
        for role in Role.allCases {
            let person = try await session(of: try await person(role))
            all.append(TownAsker(name: role.rawValue, person: person, roles: signedIn.union([role.rawValue])))
        }
        let writer = try await session(of: coauthor)
        all.append(TownAsker(name: "co-author", person: writer, roles: signedIn.union(["member", "coauthor"])))
        let outsider = try await session(of: try await person())
        all.append(TownAsker(name: "outsider", person: outsider, roles: signedIn, isInside: false))
        let admin = try await session(of: try await person(isAdmin: true))
        all.append(TownAsker(name: "admin", person: admin, roles: signedIn.union(["admin"]), isInside: false))
        for scopes: Set<TokenScope> in [[.read], [.write], [.read, .write]] {
            let service = try await service(scopes)
            let name = "hr's program with \(scopes.map(\.rawValue).sorted().joined(separator: " and "))"
            all.append(TownAsker(name: name, person: service, roles: ["anybody", "account", "hr"], scopes: scopes))
        }
        for person in all.compactMap(\.person) {
            let consent = UpsertConsent(
                account: person.account,
                purpose: .mail,
                textVersion: "1",
                day: .today(in: .gmt)
            )
            _ = try await parts.databases.member.execute(consent)
        }
        return all
    }

    /// A service account of HR, as `chorus token create` makes it, with a token for some scopes.
    private func service(_ scopes: Set<TokenScope>) async throws -> TestPerson {
        let made = try await server.createToken(role: "hr", network: network.id.text, name: "hr", days: 30)
        let question = BearerQuestion(tokenHash: Credential(text: made).hash, network: network.id)
        guard let bearer = try await parts.signIns.submit(question), let member = bearer.member else {
            throw CocoaError(.coderValueNotFound)
        }
        guard scopes.count == 1 else {
            return TestPerson(account: bearer.identity.account, membership: member.id, token: made)
        }
        let credential = Credential()
        let token = InsertAPIToken(
            tokenHash: credential.hash,
            id: UUID(),
            account: bearer.identity.account,
            name: "hr",
            scopes: Array(scopes),
            expiresOn: .today(in: .gmt).adding(days: 30)
        )
        _ = try await parts.databases.member.execute(token)
        return TestPerson(account: bearer.identity.account, membership: member.id, token: credential.text)
    }
}
