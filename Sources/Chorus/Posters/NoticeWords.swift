import Foundation
import Postgres

/// What the notice of a round says, in one language.
struct NoticeWords: Sendable {
    private let words: PosterWords

    init(language: Language) {
        words = PosterWords(language: language)
    }

    /// - Parameters:
    ///   - round: in any state.
    ///   - network: whose.
    ///   - address: where its code leads.
    func notice(of round: Round, _ network: Network, address: String) -> Poster {
        Poster(
            language: words.language,
            network: network.name,
            employer: network.employer,
            title: round.title,
            lead: time(round, network.zone),
            address: address,
            codeLabel: words.codeLabel,
            sections: [
                .init(
                    heading: words.say("Was gefragt wird", "Das fragen wir", "What is asked"),
                    lines: round.items.map(\.text),
                    areSteps: true
                ),
                taking(round), .init(heading: thresholdHeading, lines: thresholds(round, network)), words.device,
                words.help,
            ]
        )
    }

    private func time(_ round: Round, _ zone: TimeZone) -> String {
        let (from, until) = (instant(round.opensAt, zone), instant(round.closesAt, zone))
        return switch round.state {
        case .closing, .closed:
            words.say("Die Befragung ist beendet.", "Die Befragung ist vorbei.", "The round is closed.")
        case .draft:
            words.say(
                "Eine Befragung vom \(from) bis \(until).",
                "Wir haben Fragen an Sie. Antworten können Sie vom \(from) bis \(until).",
                "A round of questions from \(from) until \(until)."
            )
        case .open:
            words.say(
                "Eine Befragung bis \(until).",
                "Wir haben Fragen an Sie. Antworten können Sie bis \(until).",
                "A round of questions until \(until)."
            )
        }
    }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// A moment on the network's wall clock.
    private func instant(_ instant: Date, _ zone: TimeZone) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: instant)
        let (day, month, year) = (parts.day ?? 1, parts.month ?? 1, parts.year ?? 0)
        let minute = (parts.minute ?? 0) < 10 ? "0\(parts.minute ?? 0)" : "\(parts.minute ?? 0)"
        let clock = "\(parts.hour ?? 0):\(minute)"
        return words.language == .en
            ? "\(day) \(Self.months[(month + 11) % 12]) \(year), \(clock)" : "\(day).\(month).\(year), \(clock) Uhr"
    }

    private func taking(_ round: Round) -> Poster.Section {
        let who =
            round.audienceEvent == nil
            ? words.say(
                "Gefragt sind alle Mitglieder des Netzwerks; jede Stimme zählt einmal.",
                "Alle im Netzwerk dürfen antworten. Jeder Mensch einmal.",
                "All members of the network are asked; each voice counts once."
            )
            : words.say(
                "Gefragt sind die Gäste einer Veranstaltung; jede Stimme zählt einmal.",
                "Die Gäste von einer Veranstaltung dürfen antworten. Jeder Mensch einmal.",
                "The guests of an event are asked; each voice counts once."
            )
        return .init(
            heading: words.say("So nehmen Sie teil", "So machen Sie mit", "How to take part"),
            lines: [
                who,
                words.say(
                    "Öffnen Sie die Adresse, melden Sie sich an und wählen Sie „Befragungen“.",
                    "Öffnen Sie die Adresse. Melden Sie sich an. Dann sehen Sie die Fragen.",
                    "Open the address, sign in and choose the rounds."
                ),
                words.say(
                    "Ihre Antworten werden ohne Namen gezählt: Auch wir können nicht sehen, wer was geantwortet hat.",
                    "Ihr Name steht nicht bei den Antworten. Auch wir wissen nicht: Wer hat was geantwortet?",
                    "Your answers are counted without a name: not even we can see who answered what."
                ),
            ]
        )
    }

    private var thresholdHeading: String {
        words.say("Was veröffentlicht wird", "Das erfahren andere", "What is published")
    }

    private func thresholds(_ round: Round, _ network: Network) -> [String] {
        if round.scheme == .s2 {
            return [
                words.say(
                    "Nur Zahlen für alle zusammen und für große Gruppen, jede mit einem Zufallsanteil: Ob und was Sie geantwortet haben, ist daran kaum zu erkennen.",
                    "Andere sehen nur Zahlen von Gruppen. Die Zahlen sind mit Absicht etwas ungenau. So ist ein einzelner Mensch kaum zu erkennen.",
                    "Only numbers of all together and of large groups, each with a random part: whether and what you answered can hardly be told from them."
                )
            ]
        }
        return [
            words.say(
                "Nur Zahlen von Gruppen ab \(network.k) Antworten, in denen mindestens \(network.d) Personen anders geantwortet haben als die meisten, gerundet.",
                "Andere sehen nur Zahlen von Gruppen. Mindestens \(network.k) Menschen haben geantwortet. Und mindestens \(network.d) Menschen haben anders geantwortet als die meisten.",
                "Only numbers of groups of at least \(network.k) answers in which at least \(network.d) people answered differently from most, rounded."
            ),
            words.say(
                "Bereiche mit weniger als \(2 * network.k) Personen werden mit dem Bereich darüber zusammengezählt.",
                "Kleine Bereiche haben weniger als \(2 * network.k) Menschen. Sie zählen mit dem Bereich darüber zusammen.",
                "Units with fewer than \(2 * network.k) people are counted together with the unit above."
            ),
            words.say(
                "Was zu klein oder zu einig ist, wird nie veröffentlicht. Einzelne Antworten werden danach gelöscht.",
                "Ist eine Gruppe zu klein? Dann gibt es keine Zahl. Danach löschen wir die einzelnen Antworten.",
                "What is too small or too much of one mind is never published. Single answers are deleted afterwards."
            ),
        ]
    }
}
