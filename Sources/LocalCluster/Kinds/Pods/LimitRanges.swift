import KubeCore

/// What a namespace's LimitRanges do to new Pods and PersistentVolumeClaims.
package enum LimitRanges {
    private static let annotation = "kubernetes.io/limit-ranger"

    /// Gives a Pod's containers the default limits and requests that they do not set, and notes it in an annotation.
    package static func fill(_ pod: inout JSON, _ ranges: [JSON]) {
        var (limits, requests) = (JSONObject(), JSONObject())
        for limit in ranges.flatMap({ $0.elements("spec", "limits") }) where limit.text("type") == "Container" {
            for (name, value) in limit.fields("default") { limits[name] = value }
            for (name, value) in limit.fields("defaultRequest") { requests[name] = value }
        }
        var notes: [String] = []
        for (list, title) in [("containers", "container"), ("initContainers", "init container")] {
            guard var containers = pod.at("spec", list)?.arrayValue else { continue }
            for index in containers.indices {
                let name = containers[index].text("name")
                for (values, field, word) in [(requests, "requests", "request"), (limits, "limits", "limit")] {
                    var added: [String] = []
                    for (resource, value) in values where containers[index].at("resources", field, resource) == nil {
                        containers[index].set(value, at: ["resources", field, resource])
                        added.append(resource)
                    }
                    if !added.isEmpty {
                        notes.append("\(added.sorted().joined(separator: ", ")) \(word) for \(title) \(name)")
                    }
                }
            }
            pod.set(.array(containers), at: ["spec", list])
        }
        guard !notes.isEmpty else { return }
        pod.set(
            .string("LimitRanger plugin set: " + notes.joined(separator: "; ")),
            at: ["metadata", "annotations", annotation])
    }

    /// Why a Pod may not be in a namespace with these ranges, as the 403 words it; nil when it may.
    package static func refusal(pod: JSON, _ ranges: [JSON]) -> String? {
        var reasons: [String] = []
        let containers = pod.elements("spec", "containers") + pod.elements("spec", "initContainers")
        for limit in ranges.flatMap({ $0.elements("spec", "limits") }) {
            switch limit.text("type") {
            case "Container":
                for container in containers {
                    let resources = container["resources"] ?? .null
                    reasons += check(
                        limit, requests: amounts(resources, "requests"), limits: amounts(resources, "limits"))
                }
            case "Pod":
                reasons += check(limit, requests: sum(pod, "requests"), limits: sum(pod, "limits"))
            default: break
            }
        }
        return joined(reasons)
    }

    /// Why a PersistentVolumeClaim may not be in a namespace with these ranges.
    package static func refusal(claim: JSON, _ ranges: [JSON]) -> String? {
        let requests = amounts(claim.at("spec", "resources") ?? .null, "requests")
        var reasons: [String] = []
        for limit in ranges.flatMap({ $0.elements("spec", "limits") })
        where limit.text("type") == "PersistentVolumeClaim" {
            reasons += minimum(limit, requests) + maximum(limit, requests, word: "request")
        }
        return joined(reasons)
    }

    private static func joined(_ reasons: [String]) -> String? {
        if reasons.isEmpty { return nil }
        return reasons.count == 1 ? reasons[0] : "[" + reasons.joined(separator: ", ") + "]"
    }

    private static func check(_ limit: JSON, requests: [String: Quantity], limits: [String: Quantity]) -> [String] {
        minimum(limit, requests) + maximum(limit, limits, word: "limit") + ratio(limit, requests, limits)
    }

    private static func minimum(_ limit: JSON, _ requests: [String: Quantity]) -> [String] {
        bounds(limit, "min").compactMap { name, bound in
            let rule = "minimum \(name) usage per \(limit.text("type")) is \(bound)"
            guard let request = requests[name] else { return "\(rule). No request is specified" }
            return request < bound ? "\(rule), but request is \(request)" : nil
        }
    }

    private static func maximum(_ limit: JSON, _ limits: [String: Quantity], word: String) -> [String] {
        bounds(limit, "max").compactMap { name, bound in
            let rule = "maximum \(name) usage per \(limit.text("type")) is \(bound)"
            guard let value = limits[name] else { return "\(rule). No \(word) is specified" }
            return value > bound ? "\(rule), but \(word) is \(value)" : nil
        }
    }

    private static func ratio(
        _ limit: JSON, _ requests: [String: Quantity], _ limits: [String: Quantity]
    ) -> [String] {
        bounds(limit, "maxLimitRequestRatio").compactMap { name, bound in
            let rule = "\(name) max limit to request ratio per \(limit.text("type")) is \(bound)"
            guard let request = requests[name], let value = limits[name], !request.isZero else {
                return "\(rule), but no request is specified or request is 0"
            }
            let given = value.doubleValue / request.doubleValue
            return given > bound.doubleValue ? "\(rule), but provided ratio is \(sixDigits(given))" : nil
        }
    }

    /// A number with six digits after the point.
    private static func sixDigits(_ number: Double) -> String {
        guard let millionths = Int64(exactly: (number * 1_000_000).rounded()) else { return "\(number)" }
        let rest = String(millionths % 1_000_000)
        return "\(millionths / 1_000_000)." + String(repeating: "0", count: max(0, 6 - rest.count)) + rest
    }

    private static func bounds(_ limit: JSON, _ field: String) -> [(String, Quantity)] {
        amounts(limit, field).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    static func amounts(_ value: JSON, _ field: String) -> [String: Quantity] {
        var found: [String: Quantity] = [:]
        for (name, amount) in value.fields(field) {
            if let text = amount.stringValue, let quantity = try? Quantity(parsing: text) { found[name] = quantity }
        }
        return found
    }

    /// What a Pod asks for as a whole: its containers together, or its largest init container when that is more.
    static func sum(_ pod: JSON, _ field: String) -> [String: Quantity] {
        var total: [String: Quantity] = [:]
        for container in pod.elements("spec", "containers") {
            total.merge(amounts(container["resources"] ?? .null, field)) { $0 + $1 }
        }
        for container in pod.elements("spec", "initContainers") {
            let own = amounts(container["resources"] ?? .null, field)
            if container.text("restartPolicy") == "Always" {
                total.merge(own) { $0 + $1 }
            } else {
                total.merge(own) { max($0, $1) }
            }
        }
        return total
    }
}
