import AnonymousTokens
import Foundation
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOPosix
import Postgres
import Synchronization

/// `POST /v1/anonymous/submissions` under a key that is known.
///
/// The same bytes may be sent again and count once, so that whatever is unusual here, or fails, is said by the router.
struct ExpressSubmissions: ExpressLane {
    let parts: ServerParts
    /// Whether pages come from another origin than these routes.
    let isForeign: Bool
    private let clock = MixClock()

    init(parts: ServerParts, isForeign: Bool) {
        self.parts = parts
        self.isForeign = isForeign
    }

    func decide(_ head: HTTPRequestHead, from caller: Caller) -> ExpressDecision {
        guard head.method == .POST, head.uri == "/v1/anonymous/submissions",
            head.headers.first(name: "content-type") == "application/json",
            !head.headers.contains(where: { RefuseIdentity.isAttached($0.name, $0.value) })
        else { return .ordinary }
        return .collect(limit: FixedSize.largest) { body, done in
            // Neither signatures nor seals are made where other requests wait.
            guard parts.computations.enter() else { return done(nil) }
            parts.computing.submit { state in
                defer { parts.computations.leave() }
                guard case .active = state, let sealed = try? seal(body, from: caller) else { return done(nil) }
                CrashPoint.reached("submit-sealed")
                parts.submissions.submit(sealed.submission) { outcome in
                    guard let isStaged = try? outcome.get(), isStaged else { return done(nil) }
                    CrashPoint.reached("submit-committed")
                    done(sealed.answer)
                }
            }
        }
    }

    /// Checks and seals a submission by what memory knows.
    ///
    /// - Returns: `nil` when something is not known.
    /// - Throws: what the router will say better.
    private func seal(
        _ body: ByteBuffer,
        from caller: Caller
    ) throws -> (submission: SealedSubmission, answer: ExpressAnswer)? {
        let bytes = Array(body.readableBytesView)
        let submission = try Fields.read(bytes, as: Submission.self)
        try FixedSize.require(bytes)
        guard let token = submission.token, let content = submission.content,
            let known = parts.keys.find(token.input.keyId), known.signed(token), known.key.admits(content),
            parts.keys.hasFound(content.references, under: known.key.keyId),
            let batch = parts.keys.lastBatch, let key = parts.batchKeys.key(batch),
            parts.anonymousLimiter.takeIfLeft(.source(parts.pseudonym(of: caller.address))) != nil
        else { return nil }
        try known.requireOpen(at: parts.now())
        CrashPoint.reached("submit-checked")
        let staged = try StagedSubmission(submission, token: token, network: known.network.id)
        let mixedAfter = clock.text(of: parts.nextMix, in: known.network)
        let answer = ExpressAnswer(
            "202 Accepted",
            json: "{\"mixedAfter\":\"\(mixedAfter)\",\"status\":\"queued\"}",
            headers: isForeign ? AllowAnyOrigin.lines : "",
            isSecure: caller.isSecure
        )
        return (try SealedSubmission(staged, batch: batch, key: key), answer)
    }
}

/// Writes the instant of the next mix once for each zone, which takes longer than sealing a message.
private final class MixClock: Sendable {
    private let texts = Mutex<[String: (instant: Date, text: String)]>([:])

    func text(of instant: Date, in network: Network) -> String {
        texts.withLock { texts in
            if let known = texts[network.timeZone], known.instant == instant { return known.text }
            let text = RFC3339.string(instant, in: network.zone)
            texts[network.timeZone] = (instant, text)
            return text
        }
    }
}
