import Foundation
import Synchronization

/// Hands a mail to the system's `sendmail`, where queueing, TLS and authentication are somebody else's work.
struct Sendmail: Sendable {
    /// What became of it.
    enum Outcome: Sendable, Equatable {
        case taken
        /// Not now: it may be taken later (`EX_TEMPFAIL` and whatever else an operator can mend).
        case putOff
        /// The address is not one that takes mail.
        case refused

        /// - Parameter status: as `waitpid` gives it; -1 when the program could not be started.
        init(status: Int32) {
            // sysexits.h: EX_DATAERR, EX_NOUSER, EX_NOHOST. A program that was killed has said nothing.
            switch (status & 0x7F, (status >> 8) & 0xFF) {
            case (0, 0): self = .taken
            case (0, 65), (0, 67), (0, 68): self = .refused
            default: self = .putOff
            }
        }
    }

    /// How long it may take, in seconds.
    static let limit: TimeInterval = 60

    /// Path of the program.
    let program: String

    /// Whether there is such a program.
    var isThere: Bool { access(program, X_OK) == 0 }

    /// - Parameter message: what is sent; its addresses are the envelope's too, and no shell sees them.
    func send(_ message: MailMessage) async -> Outcome {
        let command = [program, "-i", "-f", message.from.address.text, "--", message.to.text]
        return Outcome(
            status: await ChildProgram.run(command, input: message.bytes, within: Self.limit, endsWithTask: true).status
        )
    }
}
