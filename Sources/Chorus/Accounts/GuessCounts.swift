import Foundation

/// Counts of very many keys in a fixed place (count-min sketch; Cormode and Muthukrishnan, 2005).
///
/// A table of keys either grows with a flood of keys or forgets in it whom it was to watch. This one does neither: it may count too
/// much where keys share all their places, and too little by what is taken back after its window has turned. No key can be read out of it, and its hashes are of this process alone.
struct GuessCounts: Sendable {
    /// Four places of a key, in rows of so many counters: 256 KiB, in which 10,000 keys of one guess each hardly touch each other.
    private static let (rows, width) = (4, 1 << 14)

    /// In seconds; counts start anew with each.
    let window: Int
    private var current = 0
    private var counts: [Int32]

    init(window: Int) {
        self.window = window
        counts = [Int32](repeating: 0, count: Self.rows * Self.width)
    }

    /// How many bytes the counts take, whatever is counted.
    var size: Int { counts.count * MemoryLayout<Int32>.size }

    /// Counts a key up, or down again.
    ///
    /// - Parameters:
    ///   - key: what is counted.
    ///   - amount: 1, or -1 for what was counted in vain.
    ///   - second: the present one.
    /// - Returns: the count after it.
    @discardableResult
    mutating func add(_ amount: Int32, to key: some Hashable, at second: Int) -> Int {
        if second / window != current {
            current = second / window
            for place in counts.indices { counts[place] = 0 }
        }
        var least = Int32.max
        for row in 0..<Self.rows {
            var hasher = Hasher()
            hasher.combine(row)
            hasher.combine(key)
            let place = row * Self.width + Int(UInt(bitPattern: hasher.finalize()) % UInt(Self.width))
            // What is taken back in the next window was never counted in it.
            counts[place] = max(0, counts[place] + amount)
            least = min(least, counts[place])
        }
        return Int(least)
    }

    /// Seconds until the counts start anew.
    func rest(at second: Int) -> Int { window - second % window }
}
