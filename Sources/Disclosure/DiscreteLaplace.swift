/// Exact noise: integers and rationals only, so that no bit of a floating-point number tells what it was added to.
///
/// C. Canonne, G. Kamath, T. Steinke: The Discrete Gaussian for Differential Privacy (2020), algorithms 1 and 2,
/// arXiv:2004.00010. P(x) is proportional to exp(−|x| · denominator / numerator).
public struct DiscreteLaplace: Hashable, Sendable {
    /// The scale as a fraction: sensitivity over ε.
    public let numerator: Int
    /// See ``numerator``.
    public let denominator: Int

    /// Describes the noise.
    ///
    /// - Parameters:
    ///   - numerator: of the scale; at least 1.
    ///   - denominator: of the scale; at least 1.
    public init(numerator: Int, denominator: Int) {
        precondition(numerator > 0 && denominator > 0, "a scale is positive")
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Draws one number.
    ///
    /// - Parameter generator: a cryptographic one wherever people are counted.
    public func sample(using generator: inout some RandomNumberGenerator) -> Int {
        while true {
            let remainder = Int.random(in: 0..<numerator, using: &generator)
            guard Self.isBelowExponential(remainder, numerator, using: &generator) else { continue }
            var whole = 0
            while Self.isBelowExponential(1, 1, using: &generator) { whole += 1 }
            let magnitude = (remainder + numerator * whole) / denominator
            let isNegative = Bool.random(using: &generator)
            // Zero is drawn with both signs and counts once.
            if isNegative, magnitude == 0 { continue }
            return isNegative ? -magnitude : magnitude
        }
    }

    /// True with probability exp(−numerator / denominator).
    static func isBelowExponential(
        _ numerator: Int,
        _ denominator: Int,
        using generator: inout some RandomNumberGenerator
    ) -> Bool {
        var left = numerator
        while left > denominator {
            guard isBelowExponential(1, 1, using: &generator) else { return false }
            left -= denominator
        }
        var step = 1
        while Int.random(in: 0..<(denominator * step), using: &generator) < left { step += 1 }
        return step % 2 == 1
    }
}
