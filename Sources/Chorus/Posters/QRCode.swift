import Foundation
import Synchronization

/// A QR code (ISO/IEC 18004): dark and light squares that a camera reads.
struct QRCode: Sendable, Equatable {
    /// How many squares a side has: 21 to 177.
    let size: Int
    /// Row by row; `true` is dark.
    let squares: [Bool]

    /// Reads what `qrencode -t ASCII -m 0` prints: two signs for each square.
    ///
    /// Nothing else of its output is taken, so that nothing of it can get into a page.
    ///
    /// - Parameter ascii: of the program; `nil` is returned for everything but a whole code.
    init?(ascii: [UInt8]) {
        let lines = ascii.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .dropLast(ascii.last == UInt8(ascii: "\n") ? 1 : 0)
        let size = lines.count
        guard (21...177).contains(size), size % 4 == 1 else { return nil }
        var squares: [Bool] = []
        for line in lines {
            let signs = Array(line)
            guard signs.count == 2 * size else { return nil }
            for place in stride(from: 0, to: signs.count, by: 2) {
                let isDark = signs[place] == UInt8(ascii: "#")
                guard signs[place] == signs[place + 1], isDark || signs[place] == UInt8(ascii: " ") else { return nil }
                squares.append(isDark)
            }
        }
        self.size = size
        self.squares = squares
    }

    /// As a part of a page: black on white whatever the page's colours, with the margin of four squares that readers need.
    ///
    /// - Parameter label: what is read out in its place.
    func svg(label: String) -> String {
        let margin = 4
        var path = ""
        for row in 0..<size {
            var column = 0
            while column < size {
                guard squares[row * size + column] else {
                    column += 1
                    continue
                }
                let start = column
                while column < size, squares[row * size + column] { column += 1 }
                path += "M\(start + margin) \(row + margin)h\(column - start)v1h-\(column - start)z"
            }
        }
        let side = size + 2 * margin
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(side) \(side)" role="img" aria-label="\(HTML.text(label))" \
            shape-rendering="crispEdges"><rect width="\(side)" height="\(side)" fill="#fff"/><path d="\(path)" fill="#000"/></svg>
            """
    }
}

/// Makes QR codes by Debian's `qrencode`, without any service elsewhere, and keeps them.
///
/// There is no library for it in Swift here, and error-correcting codes written by hand would be one more thing to trust.
final class QRCodes: Sendable {
    /// How many are kept; a server has a few addresses, and whoever makes some up empties the table only.
    private static let most = 100

    private let program: String
    /// Programs that run at once; whoever comes when all are taken gets a poster without a code.
    private let places = Places(8)
    private let kept = Mutex<[String: QRCode]>([:])

    /// - Parameter program: path of `qrencode`.
    init(program: String) {
        self.program = program
    }

    /// Whether codes can be made.
    var areThere: Bool { access(program, X_OK) == 0 }

    /// The code of an address.
    ///
    /// - Parameters:
    ///   - address: what a camera reads.
    ///   - isKept: false for what nobody else must find here; true by default.
    /// - Returns: `nil` when there is no program for it, or it fails: a page shows the address alone then.
    func code(of address: String, isKept: Bool = true) async -> QRCode? {
        if let known = kept.withLock({ $0[address] }) { return known }
        guard areThere, places.enter() else { return nil }
        defer { places.leave() }
        // From its standard input, so that no address is taken for an option.
        let command = [program, "-t", "ASCII", "-l", "M", "-m", "0", "-o", "-"]
        let (status, output) = await ChildProgram.run(command, input: Array(address.utf8), keeping: 1 << 17)
        guard status == 0, let code = QRCode(ascii: output) else { return nil }
        guard isKept else { return code }
        kept.withLock { kept in
            if kept.count >= Self.most { kept = [:] }
            kept[address] = code
        }
        return code
    }
}
