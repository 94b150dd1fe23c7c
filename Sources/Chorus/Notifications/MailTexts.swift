import Postgres

/// What mail says, in the reader's language.
enum MailTexts {
    /// That there is news; of what, and in which network, is said nowhere, so that every such mail of a language looks the same.
    ///
    /// - Parameters:
    ///   - language: the reader's.
    ///   - address: where to sign in.
    ///   - shortCode: twelve digits of the key directory, which people compare (anonymity.md, section 3.4).
    ///   - unsubscribe: where one click ends all mail.
    static func news(
        in language: Language,
        address: String,
        shortCode: String,
        unsubscribe: String
    ) -> (subject: String, text: String) {
        switch language {
        case .de:
            (
                "Es gibt Neuigkeiten",
                """
                Guten Tag,

                in Ihrem Netzwerk gibt es Neuigkeiten. Sie lesen sie nach der Anmeldung:
                \(address)

                Kurzcode des Schlüsselverzeichnisses, zum Vergleichen mit anderen:
                \(shortCode)

                Wie oft diese Nachricht kommt, stellen Sie nach der Anmeldung ein.
                Mit einem Klick abbestellen:
                \(unsubscribe)
                """
            )
        case .deSimple:
            (
                "Es gibt etwas Neues",
                """
                Guten Tag.

                Es gibt etwas Neues in Ihrem Netzwerk.
                Melden Sie sich an. Dann können Sie es lesen:
                \(address)

                Das ist die Prüf·nummer von den Schlüsseln.
                Alle im Netzwerk müssen die gleiche Nummer sehen:
                \(shortCode)

                Sie wollen keine E-Mails mehr? Dann klicken Sie hier:
                \(unsubscribe)
                """
            )
        case .en:
            (
                "There is news",
                """
                Hello,

                there is news in your network. Sign in to read it:
                \(address)

                Short code of the key directory, to compare with others:
                \(shortCode)

                How often this message comes is yours to choose after signing in.
                Unsubscribe with one click:
                \(unsubscribe)
                """
            )
        }
    }

    /// What a reminder is about: all of it has been published.
    struct Owed: Sendable {
        let number: Int
        let title: String
        let dueOn: PostgresDate
    }

    /// That an answer is owed.
    static func reminder(_ step: ReminderStep, of owed: Owed, in language: Language, address: String) -> (
        subject: String, text: String
    ) {
        let isGerman = language != .en
        let subject =
            isGerman
            ? "Stellungnahme zu Handlungsempfehlung Nr. \(owed.number)" : "Answer to recommendation no. \(owed.number)"
        let what =
            isGerman
            ? "Handlungsempfehlung Nr. \(owed.number): \(owed.title)"
            : "Recommendation no. \(owed.number): \(owed.title)"
        let text = """
            \(isGerman ? "Guten Tag," : "Hello,")

            \(what)

            \(isGerman ? german(step, owed.dueOn) : english(step, owed.dueOn))

            \(address)
            """
        return (subject, text)
    }

    private static func german(_ step: ReminderStep, _ due: PostgresDate) -> String {
        switch step {
        case .soon: "Die Stellungnahme des Arbeitgebers ist bis zum \(due) fällig."
        case .last: "Die Stellungnahme des Arbeitgebers steht aus. Sie ist bis zum \(due) fällig."
        case .overdue: "Die Stellungnahme des Arbeitgebers war bis zum \(due) fällig und steht aus."
        case .escalated:
            """
            Die Stellungnahme des Arbeitgebers war bis zum \(due) fällig. Auch die Nachfrist ist vorbei.
            Das Netzwerk hat Sie als Stelle benannt, die davon erfährt.
            """
        }
    }

    private static func english(_ step: ReminderStep, _ due: PostgresDate) -> String {
        switch step {
        case .soon: "The employer's answer is due by \(due)."
        case .last: "The employer's answer is still missing. It is due by \(due)."
        case .overdue: "The employer's answer was due by \(due) and is still missing."
        case .escalated:
            """
            The employer's answer was due by \(due). The grace time has passed too.
            The network has named you as a body that is told of it.
            """
        }
    }
}
