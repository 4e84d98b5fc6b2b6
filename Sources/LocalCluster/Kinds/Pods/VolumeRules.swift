import KubeCore

/// Validation of a pod's volumes.
enum VolumeRules {
    static func validate(_ volumes: [JSON], _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        var names: Set<String> = []
        for (index, volume) in volumes.enumerated() {
            let place = "\(field)[\(index)]"
            let name = volume.text("name")
            if name.isEmpty {
                errors.append(.required("\(place).name"))
            } else {
                errors += FieldChecks.names(name, "\(place).name", NameRules.label)
                if !names.insert(name).inserted { errors.append(.duplicate("\(place).name", .string(name))) }
            }
            errors += source(volume, place)
        }
        return errors
    }

    private static func source(_ volume: JSON, _ field: String) -> [FieldError] {
        let sources = volume.fields().filter { $0.key != "name" }
        if sources.isEmpty { return [.required(field, "must specify a volume type")] }
        var errors: [FieldError] = []
        for extra in sources.dropFirst() {
            errors.append(.forbidden("\(field).\(extra.key)", "may not specify more than 1 volume type"))
        }
        guard let (kind, source) = sources.first else { return errors }
        let place = "\(field).\(kind)"
        switch kind {
        case "secret": errors += needed(source, ["secretName"], place) + items(source, place)
        case "configMap": errors += needed(source, ["name"], place) + items(source, place)
        case "persistentVolumeClaim": errors += needed(source, ["claimName"], place)
        case "hostPath": errors += hostPath(source, place)
        case "nfs": errors += needed(source, ["server", "path"], place)
        case "downwardAPI": errors += downward(source, place)
        case "projected":
            for (index, part) in source.elements("sources").enumerated() {
                errors += projection(part, "\(place).sources[\(index)]")
            }
            errors += mode(source, place)
        case "ephemeral":
            if let spec = source.at("volumeClaimTemplate", "spec") {
                errors += PersistentVolumeClaimStrategy.validateSpec(spec, "\(place).volumeClaimTemplate.spec")
            } else {
                errors.append(.required("\(place).volumeClaimTemplate"))
            }
        case "emptyDir":
            if let size = source["sizeLimit"]?.stringValue, let quantity = try? Quantity(parsing: size),
                quantity.isNegative
            {
                errors.append(.forbidden("\(place).sizeLimit", "SizeLimit field must be a valid resource quantity"))
            }
        default: break
        }
        return errors
    }

    private static func needed(_ source: JSON, _ names: [String], _ field: String) -> [FieldError] {
        names.filter { source.text($0).isEmpty }.map { .required("\(field).\($0)") }
    }

    private static func hostPath(_ source: JSON, _ field: String) -> [FieldError] {
        var errors = needed(source, ["path"], field)
        if source.text("path").split(separator: "/").contains("..") {
            errors.append(.invalid("\(field).path", source["path"], "must not contain '..'"))
        }
        let types = [
            "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket",
        ]
        return errors + FieldChecks.oneOf(source.text("type"), types, "\(field).type")
    }

    private static func mode(_ source: JSON, _ field: String, name: String = "defaultMode") -> [FieldError] {
        guard let mode = source.int(name), !(0...0o777).contains(mode) else { return [] }
        return [
            .invalid("\(field).\(name)", .int(mode), "must be a number between 0 and 0777 (octal), both inclusive")
        ]
    }

    private static func items(_ source: JSON, _ field: String) -> [FieldError] {
        var errors = mode(source, field)
        for (index, item) in source.elements("items").enumerated() {
            let place = "\(field).items[\(index)]"
            errors += needed(item, ["key", "path"], place)
            errors += relative(item.text("path"), "\(place).path") + mode(item, place, name: "mode")
        }
        return errors
    }

    private static func downward(_ source: JSON, _ field: String) -> [FieldError] {
        var errors = mode(source, field)
        for (index, item) in source.elements("items").enumerated() {
            let place = "\(field).items[\(index)]"
            errors += needed(item, ["path"], place) + relative(item.text("path"), "\(place).path")
            if (item["fieldRef"] == nil) == (item["resourceFieldRef"] == nil) {
                errors.append(
                    item["fieldRef"] == nil
                        ? .required(place, "one of fieldRef and resourceFieldRef is required")
                        : .invalid(
                            place, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"))
            }
        }
        return errors
    }

    private static func projection(_ part: JSON, _ field: String) -> [FieldError] {
        var errors: [FieldError] = []
        for (kind, source) in part.fields() {
            let place = "\(field).\(kind)"
            switch kind {
            case "secret", "configMap": errors += needed(source, ["name"], place) + items(source, place)
            case "downwardAPI": errors += downward(source, place)
            case "serviceAccountToken":
                errors += needed(source, ["path"], place)
                if let seconds = source.int("expirationSeconds"), seconds < 600 {
                    errors.append(
                        .invalid(
                            "\(place).expirationSeconds", .int(seconds),
                            "may not specify a duration less than 10 minutes"))
                }
            default: break
            }
        }
        return errors
    }

    /// A path below a directory.
    static func relative(_ path: String, _ field: String) -> [FieldError] {
        if path.hasPrefix("/") { return [.invalid(field, .string(path), "must be a relative path")] }
        return path.split(separator: "/").contains("..")
            ? [.invalid(field, .string(path), "must not contain '..'")] : []
    }
}
