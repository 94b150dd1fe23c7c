import Foundation
import Metrics
import Synchronization

/// Counters and gauges in the text format of Prometheus (exposition format 0.0.4).
///
/// Written by hand because no package of the field is at hand; the format is a line for each figure. No label may name a
/// person or a network: labels come from this program's own code, never from a request.
///
/// What anonymous input moves is shown as it was when the day began (UTC), so that nobody who asks again and again learns when
/// somebody wrote; the day before the first midnight shows none of it.
final class PrometheusRegistry: MetricsFactory {
    /// The one that the process's metrics go to, as the metrics library has one place for them.
    static let shared: PrometheusRegistry = {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        // It is made before anything else that a server is made of.
        registry.set(registry.now().timeIntervalSince1970.rounded(), of: "process_start_time_seconds")
        return registry
    }()

    private struct State {
        var figures: [String: Double] = [:]
        var kinds: [String: String] = [:]
        /// What anonymous input moves, as it is now and as the day began.
        var quiet: [String: Double] = [:]
        var atMidnight: [String: Double] = [:]
        var day: Int

        /// Before anything of a new day is counted, what the day before came to is laid aside.
        mutating func turn(to today: Int) {
            guard today != day else { return }
            atMidnight = quiet
            day = today
        }
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Date

    /// - Parameter now: the present instant; tests move it.
    init(now: @escaping @Sendable () -> Date = { Date() }) {
        self.now = now
        state = Mutex(State(day: Self.day(now())))
    }

    private static func day(_ date: Date) -> Int { Int((date.timeIntervalSince1970 / 86_400).rounded(.down)) }

    /// The pools that serve anonymous input and nothing else.
    private static let quietPools = ["pool=\"anonymous\"", "pool=\"mixer\""]

    /// Whether anonymous input alone moves a figure.
    static func isQuiet(_ name: String) -> Bool { quietPools.contains { name.contains($0) } }

    func add(_ amount: Double, to name: String) { change(name, isQuiet: Self.isQuiet(name)) { $0 += amount } }
    func set(_ value: Double, of name: String) { change(name, isQuiet: Self.isQuiet(name)) { $0 = value } }

    fileprivate func change(_ name: String, isQuiet: Bool, _ body: (inout Double) -> Void) {
        guard isQuiet else { return state.withLock { body(&$0.figures[name, default: 0]) } }
        let today = Self.day(now())
        state.withLock { state in
            state.turn(to: today)
            body(&state.quiet[name, default: 0])
        }
    }

    /// All figures, sorted.
    var text: String {
        let today = Self.day(now())
        let (figures, kinds) = state.withLock { state in
            state.turn(to: today)
            return (state.figures.merging(state.atMidnight) { $1 }, state.kinds)
        }
        var seen: Set<String> = []
        return figures.sorted { $0.key < $1.key }.map { name, value in
            let base = String(name.prefix { $0 != "{" })
            let kind = kinds[base] ?? (base.hasSuffix("_total") ? "counter" : "gauge")
            let type = seen.insert(base).inserted ? "# TYPE \(base) \(kind)\n" : ""
            return "\(type)\(name) \(value)\n"
        }.joined()
    }

    private func name(_ label: String, _ dimensions: [(String, String)], _ kind: String) -> String {
        let label = label.replacing(".", with: "_").replacing("-", with: "_")
        state.withLock { $0.kinds[label] = kind }
        guard !dimensions.isEmpty else { return label }
        return label + "{" + dimensions.map { "\($0.0)=\"\($0.1)\"" }.joined(separator: ",") + "}"
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        Figure(registry: self, name: name(label, dimensions, "counter"))
    }
    func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        Figure(registry: self, name: name(label, dimensions, "counter"))
    }
    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        Figure(registry: self, name: name(label, dimensions, "gauge"))
    }
    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        Figure(registry: self, name: name(label, dimensions, "gauge"))
    }
    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        Figure(registry: self, name: name(label + "_nanoseconds_total", dimensions, "counter"))
    }
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

/// One line of the text.
private final class Figure: CounterHandler, FloatingPointCounterHandler, RecorderHandler, MeterHandler, TimerHandler {
    private let registry: PrometheusRegistry
    private let name: String
    private let isQuiet: Bool

    init(registry: PrometheusRegistry, name: String) {
        self.registry = registry
        self.name = name
        isQuiet = PrometheusRegistry.isQuiet(name)
        add(0)
    }

    private func add(_ amount: Double) { registry.change(name, isQuiet: isQuiet) { $0 += amount } }
    private func set(to value: Double) { registry.change(name, isQuiet: isQuiet) { $0 = value } }

    func increment(by amount: Int64) { add(Double(amount)) }
    func increment(by amount: Double) { add(amount) }
    func decrement(by amount: Double) { add(-amount) }
    func record(_ value: Int64) { set(to: Double(value)) }
    func record(_ value: Double) { set(to: value) }
    func set(_ value: Int64) { set(to: Double(value)) }
    func set(_ value: Double) { set(to: value) }
    func recordNanoseconds(_ duration: Int64) { add(Double(duration)) }
    func reset() { set(to: 0) }
}
