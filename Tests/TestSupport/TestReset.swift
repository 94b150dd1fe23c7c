@testable import Chorus
import Foundation
import Testing

/// Somebody who signs in with a password.
struct TestSignIn: Sendable {
    static let password = "richtig-pferd-batterie"

    let email: String
    /// Signed in.
    let person: TestPerson
}

extension TestServer {
    /// Makes an account with a password, and signs it in.
    ///
    /// - Parameters:
    ///   - roles: in the network; a member's by default.
    ///   - isAdmin: whether it may create networks.
    func signedIn(_ roles: [Role] = [.member], isAdmin: Bool = false) async throws -> TestSignIn {
        let email = "\(UUID().text)@example.org"
        let account = try await server.createAccount(
            email: email,
            password: TestSignIn.password,
            displayName: "Ada",
            isAdmin: isAdmin,
            network: network.id.text,
            roles: roles.map(\.rawValue)
        )
        let ids = try await texts("SELECT id::text FROM membership WHERE account_id = '\(account.text)'")
        let membership = try #require(UUID(uuidString: ids.first ?? ""))
        let token = try #require(try await signIn(email))
        return TestSignIn(email: email, person: TestPerson(account: account, membership: membership, token: token))
    }

    /// - Returns: the token; `nil` when the password is wrong.
    func signIn(_ email: String, _ password: String = TestSignIn.password) async throws -> String? {
        let reply = try await send("POST", "/v1/sessions", "{\"email\":\"\(email)\",\"password\":\"\(password)\"}")
        return reply.status == 201 ? reply.json["token"].string : nil
    }

    /// Asks for a code.
    func resetCode(
        for membership: UUID,
        by coordinator: TestPerson,
        headers: [String: String] = [:]
    ) async throws -> TestReply {
        let path = "\(home)/memberships/\(membership.text)/password-reset"
        return try await send("POST", path, as: coordinator, headers: headers)
    }

    /// Tries a code.
    func resetPassword(_ email: String, _ code: String, _ password: String = "ein-neues-langes-wort") async throws
        -> TestReply
    {
        let body = "{\"email\":\"\(email)\",\"code\":\"\(code)\",\"password\":\"\(password)\"}"
        return try await send("POST", "/v1/password-resets", body)
    }
}
