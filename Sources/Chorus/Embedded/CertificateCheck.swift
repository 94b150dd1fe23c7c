import Foundation
import NIOSSL

/// For how long browsers will still believe what a server shows of itself.
enum CertificateCheck {
    /// How many days before its end somebody is told; certbot renews 30 days before, so that by then it has failed for a while.
    static let notice = 14

    /// - Parameters:
    ///   - begins: of the whole chain, the latest.
    ///   - ends: of the whole chain, the earliest.
    ///   - path: of the file.
    static func finding(begins: Date, ends: Date, now: Date, path: String) -> Doctor.Finding {
        let days = Int((ends.timeIntervalSince(now) / 86_400).rounded(.down))
        if now < begins {
            return .wrong("certificate", "\(path) is not valid yet", mend: "Look at the clock, or wait.")
        }
        let mend = "Renew it; new files are taken without a restart. Where that happens by itself, see why it did not."
        if now >= ends { return .wrong("certificate", "\(path) has expired: browsers refuse it", mend: mend) }
        guard days >= notice else { return .wrong("certificate", "\(path) expires in \(days) days", mend: mend) }
        return .fine("certificate", "\(path) is valid for \(days) days")
    }
}

extension Doctor {
    /// Says nothing where a proxy speaks TLS.
    func certificate(at now: Date) -> [Finding] {
        guard let files = configuration.certificateFiles else { return [] }
        if let fault = Certificates.fault(in: files) {
            return [.wrong("certificate", fault, mend: "Until then a server that starts refuses to.")]
        }
        let chain = (try? NIOSSLCertificate.fromPEMFile(files.chain)) ?? []
        guard let begins = chain.map(\.notValidBefore).max(), let ends = chain.map(\.notValidAfter).min() else {
            return []
        }
        let finding = CertificateCheck.finding(
            begins: Date(timeIntervalSince1970: TimeInterval(begins)),
            ends: Date(timeIntervalSince1970: TimeInterval(ends)),
            now: now,
            path: files.chain
        )
        return [finding]
    }
}
