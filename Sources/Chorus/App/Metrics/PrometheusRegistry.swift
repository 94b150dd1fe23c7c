import Metrics
import Synchronization

/// Counters and gauges in the text format of Prometheus (exposition format 0.0.4).
///
/// Written by hand because no package of the field is at hand; the format is a line for each figure. No label may name a
/// person or a network: labels come from this program's own code, never from a request.
final class PrometheusRegistry: MetricsFactory {
    /// The one that the process's metrics go to, as the metrics library has one place for them.
    static let shared: PrometheusRegistry = {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }()

    private let figures = Mutex<[String: Double]>([:])
    private let kinds = Mutex<[String: String]>([:])

    func add(_ amount: Double, to name: String) { figures.withLock { $0[name, default: 0] += amount } }
    func set(_ value: Double, of name: String) { figures.withLock { $0[name] = value } }

    /// All figures, sorted.
    var text: String {
        let figures = figures.withLock { $0 }.sorted { $0.key < $1.key }
        let kinds = kinds.withLock { $0 }
        var seen: Set<String> = []
        return figures.map { name, value in
            let base = String(name.prefix { $0 != "{" })
            let type = seen.insert(base).inserted ? "# TYPE \(base) \(kinds[base] ?? "gauge")\n" : ""
            return "\(type)\(name) \(value)\n"
        }.joined()
    }

    private func name(_ label: String, _ dimensions: [(String, String)], _ kind: String) -> String {
        let label = label.replacing(".", with: "_").replacing("-", with: "_")
        kinds.withLock { $0[label] = kind }
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

    init(registry: PrometheusRegistry, name: String) {
        self.registry = registry
        self.name = name
        registry.add(0, to: name)
    }

    func increment(by amount: Int64) { registry.add(Double(amount), to: name) }
    func increment(by amount: Double) { registry.add(amount, to: name) }
    func decrement(by amount: Double) { registry.add(-amount, to: name) }
    func record(_ value: Int64) { registry.set(Double(value), of: name) }
    func record(_ value: Double) { registry.set(value, of: name) }
    func set(_ value: Int64) { registry.set(Double(value), of: name) }
    func set(_ value: Double) { registry.set(value, of: name) }
    func recordNanoseconds(_ duration: Int64) { registry.add(Double(duration), to: name) }
    func reset() { registry.set(0, of: name) }
}
