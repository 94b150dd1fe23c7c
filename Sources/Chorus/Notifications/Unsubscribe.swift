import AnonymousTokens
import Crypto
import Foundation
import Hummingbird
import Postgres

/// What stands in the address that ends all mail with one click (RFC 8058): an account, sealed with a key outside the database.
///
/// Each mail has another one, so that two of them do not show that they go to the same person.
enum UnsubscribeToken {
    /// - Throws: what sealing throws.
    static func seal(_ account: UUID, with key: SymmetricKey) throws -> String {
        let bytes = withUnsafeBytes(of: account.uuid) { Array($0) }
        return Base64URL.encode(Array(try AES.GCM.seal(bytes, using: key).combined ?? Data()))
    }

    /// - Returns: whose it is; `nil` for what was not sealed here.
    static func open(_ text: String, with key: SymmetricKey) -> UUID? {
        guard text.utf8.count <= 100, let sealed = Base64URL.decode(text),
            let box = try? AES.GCM.SealedBox(combined: sealed), let bytes = try? AES.GCM.open(box, using: key),
            bytes.count == 16
        else { return nil }
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}

/// `/v1/unsubscribe/{token}`: without a sign-in, because a mail program asks.
struct UnsubscribeRoutes: Sendable {
    let parts: ServerParts

    func add(to routes: some RouterMethods<AppContext>) {
        routes.get("/v1/unsubscribe/{token}", use: ask)
        routes.post("/v1/unsubscribe/{token}", use: end)
    }

    private func account(_ context: AppContext) throws(Problem) -> UUID {
        let token = context.parameters.get("token") ?? ""
        guard let account = UnsubscribeToken.open(token, with: parts.secrets.unsubscribing) else {
            throw Problem(.notFound)
        }
        return account
    }

    /// Changes nothing: programs that look for harm in mails follow every address.
    private func ask(_ request: Request, _ context: AppContext) async throws -> Response {
        _ = try account(context)
        let language = Language(accepting: request.headers[.acceptLanguage])
        let page = UnsubscribePage(language: language)
        return page.response(page.question)
    }

    private func end(_ request: Request, _ context: AppContext) async throws -> Response {
        _ = try await parts.databases.member.execute(EndMail(account: try account(context)))
        let language = Language(accepting: request.headers[.acceptLanguage])
        let page = UnsubscribePage(language: language)
        return page.response("<p>\(page.done)</p>")
    }
}

/// Two small pages without anything of another host.
struct UnsubscribePage {
    let language: Language

    private var title: String {
        switch language {
        case .de: "E-Mails abbestellen"
        case .deSimple: "Keine E-Mails mehr"
        case .en: "Unsubscribe"
        }
    }

    private var button: String {
        switch language {
        case .de: "Alle E-Mails abbestellen"
        case .deSimple: "Ich will keine E-Mails mehr"
        case .en: "Stop all mail"
        }
    }

    var done: String {
        switch language {
        case .de: "Sie bekommen keine E-Mails mehr. Nach der Anmeldung können Sie das ändern."
        case .deSimple: "Sie bekommen keine E-Mails mehr. Wollen Sie das ändern? Dann melden Sie sich an."
        case .en: "You will get no more mail. You can change that after signing in."
        }
    }

    /// Sent to the address that it stands at.
    var question: String { "<form method=\"post\"><button>\(button)</button></form>" }

    func response(_ body: String) -> Response {
        let page = """
            <!doctype html>
            <html lang="\(language.rawValue)"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex"><title>\(title)</title><link rel="stylesheet" href="/docs.css"></head>
            <body><main><h1>\(title)</h1>\(body)</main></body></html>
            """
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentLanguage: language.rawValue, .vary: "Accept-Language",
            ],
            body: .init(byteBuffer: ByteBuffer(string: page))
        )
    }
}
