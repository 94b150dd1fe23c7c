/// Exact rank test: a person is determined when their unit vector lies in the span of what was published.
///
/// A column is a person, not a person's answer in one class, and that is no weaker. What a block publishes are its class counts and
/// its sum of ratings, the vectors b ⊗ u with b the people of the block; what is known beside it is that each of them gave one
/// answer, e(p) ⊗ 1. If e(p) ⊗ c, for a class c, were a combination of these, a functional w with w(1) = 0 and w(c) = 1 would turn
/// it into a combination of the b alone that gives e(p). So it is in the one span exactly if e(p) is in the other.
struct Rank<Person: Hashable> {
    /// How many equations say something new.
    let rank: Int
    /// Those who are determined, without those who were known before.
    let determined: Set<Person>

    /// - Parameters:
    ///   - blocks: the people in each published sum.
    ///   - known: people whose answers are known.
    init(of blocks: [Set<Person>], knowing known: Set<Person> = []) {
        let people = Array(blocks.reduce(into: known) { $0.formUnion($1) })
        let sets = blocks + known.map { [$0] }
        var matrix = sets.map { set in people.map { set.contains($0) ? 1 : 0 } }
        rank = Self.reduce(&matrix, columns: people.count)
        // In reduced form a unit vector is in the span exactly if one of the rows is it.
        determined = Set(
            matrix.prefix(rank).compactMap { row in
                guard let place = row.firstIndex(where: { $0 != 0 }), row.lastIndex(where: { $0 != 0 }) == place else {
                    return nil
                }
                return people[place]
            }
        )
        .subtracting(known)
    }

    private static var prime: Int { 2_147_483_647 }

    /// Gauss–Jordan over the integers modulo a prime: exact for disjoint sets, and wrong for others once in two thousand million.
    private static func reduce(_ matrix: inout [[Int]], columns: Int) -> Int {
        var pivot = 0
        for column in 0..<columns where pivot < matrix.count {
            guard let row = (pivot..<matrix.count).first(where: { matrix[$0][column] != 0 }) else { continue }
            matrix.swapAt(pivot, row)
            let inverse = power(matrix[pivot][column], prime - 2)
            let places = (column..<columns).filter { matrix[pivot][$0] != 0 }
            for place in places { matrix[pivot][place] = matrix[pivot][place] * inverse % prime }
            for other in matrix.indices where other != pivot && matrix[other][column] != 0 {
                let factor = prime - matrix[other][column]
                for place in places {
                    matrix[other][place] = (matrix[other][place] + factor * matrix[pivot][place]) % prime
                }
            }
            pivot += 1
        }
        return pivot
    }

    private static func power(_ base: Int, _ exponent: Int) -> Int {
        var (result, base, exponent) = (1, base % prime, exponent)
        while exponent > 0 {
            if exponent & 1 == 1 { result = result * base % prime }
            base = base * base % prime
            exponent >>= 1
        }
        return result
    }
}
