import Foundation
import Postgres

/// What the posters of a network say, in one language.
struct PosterWords: Sendable {
    let language: Language

    /// One of three texts.
    func say(_ german: String, _ simple: String, _ english: String) -> String {
        switch language {
        case .de: german
        case .deSimple: simple
        case .en: english
        }
    }

    /// - Parameters:
    ///   - kind: what it is about.
    ///   - network: whose.
    ///   - address: where its code leads.
    ///   - shortCode: of the key directory.
    ///   - today: the day of which the short code is, because keys come every week.
    func poster(
        _ kind: PosterKind,
        of network: Network,
        address: String,
        shortCode: String,
        today: PostgresDate
    ) -> Poster {
        let number = say("Kennung des Netzwerks", "Nummer vom Netzwerk", "Id of the network")
        let code = say(
            "Kurzcode des Schlüsselverzeichnisses am \(day(today))",
            "Prüf·nummer von den Schlüsseln am \(day(today))",
            "Short code of the key directory on \(day(today))"
        )
        return Poster(
            language: language,
            network: network.name,
            employer: network.employer,
            title: kind == .join ? joinTitle : inboxTitle,
            lead: kind == .join ? joinLead : inboxLead,
            address: address,
            codeLabel: codeLabel,
            sections: [
                kind == .join ? joinSteps : inboxSteps, kind == .join ? promise(network) : receipt, device, help,
            ],
            terms: [(number, network.id.text), (code, shortCode)]
        )
    }

    /// A day as people write it.
    func day(_ day: PostgresDate) -> String {
        let parts = day.description.split(separator: "-")
        return language == .en ? day.description : parts.reversed().joined(separator: ".")
    }

    var codeLabel: String {
        say("QR-Code mit der Adresse", "QR-Code mit der Adresse", "QR code with the address")
    }

    // MARK: What both say

    var device: Poster.Section {
        .init(
            heading: say("Am besten am eigenen Gerät", "Nehmen Sie Ihr eigenes Handy", "Best on a device of your own"),
            lines: [
                say(
                    "An Dienstgeräten und im Netz des Arbeitgebers kann gesehen werden, welche Seiten Sie aufrufen. Das eigene Telefon mit "
                        + "eigener Verbindung ist sicherer.",
                    "Am Computer von der Arbeit kann der Arbeitgeber sehen: Diese Seite haben Sie geöffnet. Ihr eigenes Handy ist sicherer. "
                        + "Nutzen Sie nicht das WLAN von der Arbeit.",
                    "On the employer's devices and network, others can see which pages you open. Your own phone on your own connection is safer."
                )
            ]
        )
    }

    /// The number is written by hand: who coordinates a network is not for every notice board, and the server does not decide that.
    var help: Poster.Section {
        .init(
            heading: say("Fragen? Rufen Sie an:", "Sie haben Fragen? Rufen Sie an:", "Questions? Call:"),
            lines: [],
            hasBlank: true
        )
    }

    // MARK: Joining

    private var joinTitle: String { say("Machen Sie mit", "Machen Sie mit", "Join us") }

    private var joinLead: String {
        say(
            "Wir sind ein Netzwerk von Beschäftigten mit Einwanderungsgeschichte. Wir treffen uns, sprechen offen und sagen dem "
                + "Arbeitgeber gemeinsam, was sich ändern soll. Er muss darauf antworten.",
            "Wir arbeiten hier. Wir oder unsere Familien sind eingewandert. Wir treffen uns und sprechen miteinander. "
                + "Zusammen sagen wir dem Arbeitgeber: Das soll besser werden. Er muss antworten.",
            "We are a network of employees with migration histories. We meet, speak openly, and tell the employer together what should "
                + "change. The employer has to answer."
        )
    }

    private var joinSteps: Poster.Section {
        .init(
            heading: say("So geht es", "So geht es", "How it works"),
            lines: [
                say(
                    "Lassen Sie sich von der Koordination einen Einladungscode geben.",
                    "Rufen Sie uns an. Sie bekommen einen Einladungs·code.",
                    "Ask the coordinator for an invitation code."
                ),
                say(
                    "Öffnen Sie die Adresse, mit dem QR-Code oder von Hand.",
                    "Öffnen Sie die Adresse. Das geht mit der Kamera vom Handy.",
                    "Open the address, by the QR code or by hand."
                ),
                say(
                    "Legen Sie mit dem Code ein Konto an.",
                    "Melden Sie sich mit dem Code an.",
                    "Make an account with the code."
                ),
            ],
            areSteps: true
        )
    }

    private func promise(_ network: Network) -> Poster.Section {
        .init(
            heading: say("Was der Arbeitgeber erfährt", "Was erfährt der Arbeitgeber?", "What the employer learns"),
            lines: [
                say(
                    "Nicht, wer Mitglied ist, wer zu Treffen kommt und wer was gesagt hat.",
                    "Er erfährt nicht: Wer macht mit? Wer hat was gesagt?",
                    "Not who is a member, who comes to meetings, or who said what."
                ),
                say(
                    "Zahlen nur von Gruppen ab \(network.k) Personen, gerundet.",
                    "Er sieht nur Zahlen von Gruppen. Eine Gruppe hat mindestens \(network.k) Menschen.",
                    "Numbers only of groups of at least \(network.k) people, rounded."
                ),
            ]
        )
    }

    // MARK: The anonymous inbox

    private var inboxTitle: String {
        say("Anonym schreiben, Antwort lesen", "Schreiben ohne Namen", "Write anonymously, read the answer")
    }

    private var inboxLead: String {
        say(
            "Mitglieder des Netzwerks können schreiben, ohne dass jemand erfährt, von wem es kommt, und die Antwort abholen.",
            "Sie sind im Netzwerk? Dann können Sie uns schreiben. Niemand weiß, dass Sie es waren. Die Antwort holen Sie hier ab.",
            "Members of the network can write without anybody learning from whom it comes, and collect the answer."
        )
    }

    private var inboxSteps: Poster.Section {
        .init(
            heading: say("Antwort abholen", "Antwort abholen", "Collecting the answer"),
            lines: [
                say(
                    "Öffnen Sie die Adresse. Eine Anmeldung ist nicht nötig.",
                    "Öffnen Sie die Adresse. Sie müssen sich nicht anmelden.",
                    "Open the address. No sign-in is needed."
                ),
                say(
                    "Geben Sie den Code Ihrer Quittung ein.",
                    "Schreiben Sie den Code von Ihrer Quittung in das Feld.",
                    "Type the code of your receipt."
                ),
            ],
            areSteps: true
        )
    }

    private var receipt: Poster.Section {
        .init(
            heading: say("Gut aufheben", "Passen Sie auf den Code auf", "Keep it safe"),
            lines: [
                say(
                    "Der Code steht nur einmal da, gleich nach dem Schreiben. Ohne ihn kann niemand die Antwort finden, auch wir nicht.",
                    "Sie sehen den Code nur einmal. Schreiben Sie ihn auf. Ohne den Code findet niemand die Antwort. Auch wir nicht.",
                    "The code is shown once, right after writing. Without it nobody can find the answer, not even we."
                )
            ]
        )
    }
}
