import AnonymousTokens
import Crypto
import Foundation
import Logging
import Postgres
import ServiceLifecycle

/// What a server needs to send mail; there is none without all of it.
struct OutgoingMail: Sendable {
    let from: Mailbox
    /// Where people reach this server, without a slash at its end.
    let publicURL: String
    let sendmail: Sendmail

    /// How many mails are handed over at a time.
    static let width = 4
    /// How many mails one attempt of the job hands over.
    static let batch = 100

    /// Where one click ends somebody's mail.
    static func unsubscribe(_ token: String, at address: String) -> String { "\(address)/v1/unsubscribe/\(token)" }
}

extension ServerParts {
    /// `nil` where no mail is to be sent, or none can be.
    var outgoingMail: OutgoingMail? {
        guard let from = configuration.mailFrom.flatMap(Mailbox.init), let url = configuration.publicURL else {
            return nil
        }
        let sendmail = Sendmail(program: configuration.sendmail)
        return sendmail.isThere ? OutgoingMail(from: from, publicURL: url, sendmail: sendmail) : nil
    }

    // MARK: Asking for mail

    /// Asks for the mails of every rhythm whose hour has come.
    ///
    /// - Parameters:
    ///   - network: whose members.
    ///   - isNow: whether every rhythm's hour is now, and nothing is spread; false by default.
    func askForNewsMail(in network: Network, isNow: Bool = false) async throws {
        let now = now()
        for rhythm in MailRhythm.allCases where rhythm != .none {
            guard let slot = isNow ? now : rhythm.slot(at: now, in: network.zone) else { continue }
            try await databases.member.transaction(network: network.id) { transaction in
                let move = MoveMailSlot(network: network.id, rhythm: rhythm, slot: slot, now: now)
                // Nobody else looks through the same time: whoever moves the mark has it until this transaction ends.
                guard let moved = try await transaction.execute(move).first else { return }
                let reach = slot.addingTimeInterval(-rhythm.reach)
                let window = NewsWindow(from: moved.map { max($0, reach) } ?? reach, to: slot)
                guard window.from < window.to else { return }
                let recorded = ReadRecordNews(network: network, recommendations: nil, window: window, limit: 10_000)
                let statement = InsertNewsMail(
                    network: network.id,
                    window: window,
                    rhythm: rhythm,
                    occasion: "\(rhythm.rawValue) \(RFC3339.string(slot))",
                    dueAt: slot,
                    spread: isNow ? 0 : rhythm.spread,
                    recorded: try await databases.hr.execute(recorded, network: network.id)
                )
                _ = try await transaction.execute(statement)
            }
        }
        try await wakeMail(of: network.id)
    }

    /// Asks for the mails of the reminders that the record has of today; asked for again after a crash, they are the same ones.
    func askForReminderMail(in network: Network, _ contacts: AnswerDutyContacts, today: PostgresDate) async throws {
        guard outgoingMail != nil else { return }
        let reminders = ReadDueReminders(network: network.id, today: today)
        let found = try await databases.recordWriter.execute(reminders, network: network.id)
        for reminder in found {
            let isEscalated = reminder.step == .escalated
            let statement = InsertReminderMail(
                network: network.id,
                recommendation: reminder.recommendation,
                step: reminder.step,
                now: now(),
                isForHR: !isEscalated,
                emails: isEscalated ? contacts.bodies.map(\.email) : contacts.deputy.map { [$0.email] } ?? []
            )
            _ = try await databases.member.execute(statement, network: network.id)
        }
        if !found.isEmpty { try await wakeMail(of: network.id) }
    }

    /// Sees to it that the mails of a network are looked at when the next of them is due.
    func wakeMail(of network: UUID) async throws {
        guard let due = try await databases.member.first(ReadNextMail(network: network), network: network) else {
            return
        }
        let wanted = try InsertJob(.sendMail(.init(network: network)), dueAt: due)
        do {
            _ = try await databases.job.execute(WakeJob(wanted: wanted))
        } catch let error as PostgresError where error.sqlState == "55P03" {
            // Who sends waits for a slow mail program, and looks for the next mail at the end. Should that look just be over,
            // upkeep asks again within the hour.
        }
    }

    // MARK: Sending it

    /// Hands over what is due, some at a time.
    ///
    /// - Returns: when the next mail of the network is due; `nil` when none waits.
    func sendMail(of network: Network) async throws -> Date? {
        guard let outgoing = outgoingMail else { return nil }
        let code = try await shortCode(of: network.id)
        let post = MailPost(parts: self, outgoing: outgoing, network: network, shortCode: code)
        let take = TakeMail(network: network.id, now: now(), limit: OutgoingMail.batch)
        var waiting = try await databases.member.execute(take, network: network.id)[...]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for mail in waiting.prefix(OutgoingMail.width) { group.addTask { try await post.deliver(mail) } }
            waiting = waiting.dropFirst(OutgoingMail.width)
            // Who waits for a slow receiver is one of several; the others go on.
            while try await group.next() != nil {
                if let mail = waiting.popFirst() { group.addTask { try await post.deliver(mail) } }
            }
        }
        return try await databases.member.first(ReadNextMail(network: network.id), network: network.id)
    }
}

/// Writes and hands over the mails of one network.
private struct MailPost: Sendable {
    let parts: ServerParts
    let outgoing: OutgoingMail
    let network: Network
    let shortCode: String

    private var pool: PostgresPool { parts.databases.member }

    /// Brings one mail to an end, or puts it off.
    func deliver(_ mail: TakenMail) async throws {
        guard mail.isWanted, let address = MailAddress(mail.email), let message = try await message(mail, to: address)
        else { return try await end(mail) }
        switch await outgoing.sendmail.send(message) {
        case .taken: try await end(mail)
        case .refused:
            parts.metrics.add(1, to: "chorus_mail_refused_total")
            try await end(mail)
        case .putOff where mail.attempt >= JobTiming.attempts:
            parts.metrics.add(1, to: "chorus_mail_given_up_total")
            parts.logger.error("a mail was given up", metadata: ["attempts": "\(mail.attempt)"])
            try await end(mail)
        case .putOff:
            parts.metrics.add(1, to: "chorus_mail_put_off_total")
            let wait = JobTiming.waits(jitter: .random(in: 0..<1))[mail.attempt - 1]
            let statement = PutOffMail(network: network.id, id: mail.id, dueAt: parts.now().addingTimeInterval(wait))
            _ = try await pool.execute(statement, network: network.id)
        }
    }

    private func end(_ mail: TakenMail) async throws {
        CrashPoint.reached("mail-handed-over")
        _ = try await pool.execute(DeleteMail(network: network.id, id: mail.id), network: network.id)
    }

    /// - Returns: `nil` when there is nothing to say any more.
    private func message(_ mail: TakenMail, to address: MailAddress) async throws -> MailMessage? {
        let language = mail.language ?? network.locale
        let content: (subject: String, text: String)
        var unsubscribe: String?
        if let step = mail.step, let recommendation = mail.recommendation {
            guard let owed = try await owed(recommendation) else { return nil }
            content = MailTexts.reminder(step, of: owed, in: language, address: outgoing.publicURL)
        } else {
            guard let account = mail.account else { return nil }
            let token = try UnsubscribeToken.seal(account, with: parts.secrets.unsubscribing)
            let place = OutgoingMail.unsubscribe(token, at: outgoing.publicURL)
            unsubscribe = place
            content = MailTexts.news(
                in: language,
                address: outgoing.publicURL,
                shortCode: shortCode,
                unsubscribe: place
            )
        }
        return MailMessage(
            from: outgoing.from,
            to: address,
            subject: content.subject,
            language: language,
            text: content.text,
            date: parts.now(),
            messageId: messageId(mail),
            unsubscribe: unsubscribe
        )
    }

    /// Tells nobody without the key who gets what, and is the same when a crash makes a mail go twice.
    private func messageId(_ mail: TakenMail) -> String {
        let text = "\(network.id.text) \(mail.email) \(mail.occasion)"
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: parts.secrets.messageIds)
        return Array(code.prefix(16)).hex
    }

    /// What is owed still: who has answered is left in peace.
    private func owed(_ recommendation: UUID) async throws -> MailTexts.Owed? {
        let filter = RecommendationFilter(id: recommendation)
        guard let found = try await parts.recommendations(of: network.id, filter).first, found.answer == nil,
            let due = PostgresDate(found.answerDueOn)
        else { return nil }
        return MailTexts.Owed(number: found.number, title: found.title, dueOn: due)
    }
}

extension Server {
    /// Asks for the mails of news: those whose hour has come, or all of them.
    ///
    /// - Parameter now: does not wait for the weekday and the hour.
    /// - Returns: how many networks were looked through.
    /// - Throws: ``OperationRefusal`` where no mail can be sent; what PostgreSQL says.
    public func askForNewsMail(now: Bool) async throws -> Int {
        guard parts.outgoingMail != nil else {
            throw OperationRefusal("Set CHORUS_MAIL_FROM and CHORUS_PUBLIC_URL, and see that CHORUS_SENDMAIL is there.")
        }
        let networks = try await parts.databases.member.execute(ReadAllNetworks())
        for network in networks { try await parts.askForNewsMail(in: network, isNow: now) }
        return networks.count
    }
}
