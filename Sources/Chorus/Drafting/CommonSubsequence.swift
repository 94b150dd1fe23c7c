/// A longest common subsequence of two lists of numbers.
///
/// Time is bounded by the product of the lengths over the width of a machine word (Crochemore and others, "A fast and practical
/// bit-vector algorithm for the longest common subsequence problem", 2001), memory by their sum (Hirschberg, 1975).
struct CommonSubsequence {
    /// Places of both lists that have the same number, ascending in both.
    private(set) var pairs: [(old: Int, new: Int)] = []
    private let old: [Int]
    private let new: [Int]

    init(_ old: [Int], _ new: [Int]) {
        self.old = old
        self.new = new
        align(old.indices, new.indices)
    }

    private mutating func align(_ old: Range<Int>, _ new: Range<Int>) {
        var (first, last) = ((old: old.lowerBound, new: new.lowerBound), (old: old.upperBound, new: new.upperBound))
        while first.old < last.old, first.new < last.new, self.old[first.old] == self.new[first.new] {
            pairs.append(first)
            first = (first.old + 1, first.new + 1)
        }
        while first.old < last.old, first.new < last.new, self.old[last.old - 1] == self.new[last.new - 1] {
            last = (last.old - 1, last.new - 1)
        }
        divide(first.old..<last.old, first.new..<last.new)
        for place in 0..<(old.upperBound - last.old) { pairs.append((last.old + place, last.new + place)) }
    }

    /// Splits both lists where the halves have most in common.
    private mutating func divide(_ old: Range<Int>, _ new: Range<Int>) {
        guard !old.isEmpty, !new.isEmpty else { return }
        if old.count == 1 {
            if let place = self.new[new].firstIndex(of: self.old[old.lowerBound]) {
                pairs.append((old.lowerBound, place))
            }
            return
        }
        let half = old.lowerBound + old.count / 2
        let before = lengths(old.lowerBound..<half, new, isBackwards: false)
        let after = lengths(half..<old.upperBound, new, isBackwards: true)
        var best = 0
        for place in 0...new.count
        where before[place] + after[new.count - place] > before[best] + after[new.count - best] { best = place }
        align(old.lowerBound..<half, new.lowerBound..<(new.lowerBound + best))
        align(half..<old.upperBound, (new.lowerBound + best)..<new.upperBound)
    }

    private struct Mask {
        let word: Int
        var bits: UInt64
    }

    /// How long a common subsequence is with each beginning (or, backwards, each end) of a part of the new list.
    private func lengths(_ old: Range<Int>, _ new: Range<Int>, isBackwards: Bool) -> [Int] {
        let masks = masks(new, isBackwards: isBackwards)
        var words = [UInt64](repeating: .max, count: (new.count + 63) / 64)
        for step in 0..<old.count {
            let number = self.old[isBackwards ? old.upperBound - 1 - step : old.lowerBound + step]
            if let mask = masks[number] { Self.add(mask, to: &words) }
        }
        var lengths = [0]
        lengths.reserveCapacity(new.count + 1)
        for place in 0..<new.count {
            let isUnset = words[place / 64] & (1 << UInt64(place % 64)) == 0
            lengths.append(lengths[place] + (isUnset ? 1 : 0))
        }
        return lengths
    }

    private func masks(_ new: Range<Int>, isBackwards: Bool) -> [Int: [Mask]] {
        var masks: [Int: [Mask]] = [:]
        for place in 0..<new.count {
            let number = self.new[isBackwards ? new.upperBound - 1 - place : new.lowerBound + place]
            let (word, bit) = (place / 64, UInt64(1) << UInt64(place % 64))
            var list = masks.removeValue(forKey: number) ?? []
            if let last = list.indices.last, list[last].word == word {
                list[last].bits |= bit
            } else {
                list.append(Mask(word: word, bits: bit))
            }
            masks[number] = list
        }
        return masks
    }

    /// V ← (V + (V ∧ M)) ∨ (V ∧ ¬M), only where M has bits or a carry arrives: elsewhere V stays.
    private static func add(_ mask: [Mask], to words: inout [UInt64]) {
        var (carry, next) = (false, 0)
        func carryOn(to end: Int, _ words: inout [UInt64]) {
            while carry, next < end {
                let (sum, overflows) = words[next].addingReportingOverflow(1)
                words[next] |= sum
                (carry, next) = (overflows, next + 1)
            }
        }
        for part in mask {
            carryOn(to: part.word, &words)
            let word = words[part.word]
            let (sum, overflows) = word.addingReportingOverflow(word & part.bits)
            let (whole, overflowsAgain) = sum.addingReportingOverflow(carry ? 1 : 0)
            words[part.word] = whole | (word & ~part.bits)
            (carry, next) = (overflows || overflowsAgain, part.word + 1)
        }
        carryOn(to: words.count, &words)
    }
}
