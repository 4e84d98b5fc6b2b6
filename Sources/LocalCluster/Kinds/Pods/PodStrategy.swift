import KubeCore

struct PodStrategy: BuiltInStrategy {
    var common: CommonRules

    func fillDefaults(_ object: inout JSON) {
        var spec = object["spec"] ?? .object([:])
        PodDefaults.fillPod(&spec)
        object["spec"] = spec
        Self.alignAddresses(&object)
    }

    func adaptCreated(_ object: inout JSON, _ context: StrategyContext) throws(Status) {
        var status: JSON = ["phase": "Pending", "qosClass": .string(PodQuality.class(of: object["spec"] ?? .null))]
        if !object.elements("spec", "schedulingGates").isEmpty {
            status["conditions"] = [
                [
                    "type": "PodScheduled", "status": "False", "reason": "SchedulingGated",
                    "message": "Scheduling is blocked due to non-empty scheduling gates",
                ]
            ]
        }
        object["status"] = status
    }

    func adaptUpdated(_ new: inout JSON, old: JSON, _ context: StrategyContext) throws(Status) {
        switch context.subresource {
        case "ephemeralcontainers":
            let containers = new.at("spec", "ephemeralContainers")
            new["spec"] = old["spec"]
            new.set(containers, at: ["spec", "ephemeralContainers"])
        case "resize":
            let wanted = new.elements("spec", "containers")
            var spec = old["spec"] ?? .object([:])
            spec.mapElements("containers") { container in
                if let change = wanted.first(where: { $0["name"] == container["name"] }) {
                    container["resources"] = change["resources"]
                    container["resizePolicy"] = change["resizePolicy"]
                }
            }
            new["spec"] = spec
        default: break
        }
    }

    func adaptStatus(_ new: inout JSON, old: JSON) {
        if new.text("status", "qosClass").isEmpty {
            new.set(old.at("status", "qosClass"), at: ["status", "qosClass"])
        }
    }

    /// `podIP` is the first of `podIPs`, `hostIP` of `hostIPs`, whichever a client wrote.
    static func alignAddresses(_ object: inout JSON) {
        guard var status = object["status"] else { return }
        for (one, many) in [("podIP", "podIPs"), ("hostIP", "hostIPs")] {
            let address = status.text(one)
            if address.isEmpty {
                if let first = status.elements(many).first?["ip"] { status[one] = first }
            } else if status.elements(many).first?.text("ip") != address {
                status[many] = [["ip": .string(address)]]
            }
        }
        object["status"] = status
    }

    /// A pod that no node has, or that has ended, goes at once.
    package func gracePeriodSeconds(of object: JSON, requested: Int64?) -> Int64? {
        if object.text("spec", "nodeName").isEmpty { return 0 }
        if ["Succeeded", "Failed"].contains(object.text("status", "phase")) { return 0 }
        let period = requested ?? object.int("spec", "terminationGracePeriodSeconds") ?? 30
        return period < 0 ? 1 : period
    }

    func fieldValue(_ path: String, of object: JSON) -> String {
        if path == "spec.hostNetwork" { return object.flag("spec", "hostNetwork") ? "true" : "false" }
        return object.at(path.split(separator: ".").map(String.init))?.stringValue ?? ""
    }

    func validate(_ object: JSON) -> [FieldError] {
        PodRules.validate(object["spec"] ?? .null, "spec")
    }

    func validateStatus(_ new: JSON, old: JSON) -> [FieldError] {
        var errors: [FieldError] = []
        for list in ["podIPs", "hostIPs"] {
            for (index, address) in new.elements("status", list).enumerated() {
                errors += FieldChecks.address(address.text("ip"), "status.\(list)[\(index)]")
            }
        }
        let nominated = new.text("status", "nominatedNodeName")
        if !nominated.isEmpty {
            errors += FieldChecks.names(nominated, "status.nominatedNodeName", NameRules.subdomain)
        }
        return errors
    }

    func validateChange(_ new: JSON, old: JSON) -> [FieldError] {
        PodRules.validateChange(new["spec"] ?? .null, old: old["spec"] ?? .null)
    }
}

/// Pods inside other objects: templates.
struct TemplateStrategy: BuiltInStrategy {
    var common: CommonRules
    /// Where the PodTemplateSpec is.
    var templatePath: [String]

    func fillDefaults(_ object: inout JSON) {
        guard var template = object.at(templatePath) else { return }
        template.change("spec", PodDefaults.fill)
        object.set(template, at: templatePath)
    }
}

/// The quality of service that the kubelet gives a pod, from its requests and limits of cpu and memory.
package enum PodQuality {
    package static func `class`(of spec: JSON) -> String {
        var isGuaranteed = true
        var hasAny = false
        for container in spec.elements("containers") + spec.elements("initContainers") {
            let resources = container["resources"] ?? .null
            for name in ["cpu", "memory"] {
                let request = amount(resources.at("requests", name))
                let limit = amount(resources.at("limits", name))
                if request != nil || limit != nil { hasAny = true }
                if limit == nil || (request ?? limit) != limit { isGuaranteed = false }
            }
        }
        return hasAny ? (isGuaranteed ? "Guaranteed" : "Burstable") : "BestEffort"
    }

    private static func amount(_ value: JSON?) -> Quantity? {
        guard let text = value?.stringValue, let quantity = try? Quantity(parsing: text), !quantity.isZero else {
            return nil
        }
        return quantity
    }
}
