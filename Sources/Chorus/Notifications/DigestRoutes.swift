import Foundation
import Hummingbird
import Postgres

/// `/v1/networks/{network}/digest`: what the weekly mail says, for a coordinator who is asked about it.
struct DigestRoutes: Sendable {
    let parts: ServerParts

    func add(member: some RouterMethods<MemberContext>) {
        member.get("digest", use: read)
    }

    /// How many get it stands nowhere: in a small network, counted before and after somebody's choice, it would tell that choice.
    private struct Shown: Encodable {
        let language: String
        let subject: String
        let text: String
        let shortCode: String
        /// Day of the next weekly mails.
        let nextOn: String
        /// Whether this server sends mail at all.
        let isMailed: Bool
    }

    private func read(_ request: Request, _ context: MemberContext) async throws -> Response {
        try context.member.require(.coordinator)
        let network = try await parts.network(context.network)
        let address = parts.publicAddress(for: request)
        let code = try await parts.shortCode(of: network.id)
        // The address that ends somebody's mail is theirs alone, so that none stands here.
        let content = MailTexts.news(
            in: context.language,
            address: address,
            shortCode: code,
            unsubscribe: OutgoingMail.unsubscribe("…", at: address)
        )
        // The last slot of the coming week is the next one.
        let slot = MailRhythm.weekly.slot(at: parts.now().addingTimeInterval(7 * 86_400), in: network.zone)
        let shown = Shown(
            language: context.language.rawValue,
            subject: content.subject,
            text: content.text,
            shortCode: code,
            nextOn: PostgresDate.today(in: network.zone, at: slot ?? parts.now()).description,
            isMailed: parts.outgoingMail != nil
        )
        return try .read(shown, for: request).speaking(context.language)
    }
}
