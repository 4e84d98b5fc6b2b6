import KubeCore

/// A set of paths into an object: what a field manager owns, or what a write changed.
///
/// A path and the paths below it are separate members: owning `.spec` says nothing of `.spec.replicas`.
package struct FieldSet: Hashable, Sendable {
    /// The steps that are members themselves.
    package private(set) var members: Set<PathElement> = []
    /// The members below a step. Never holds an empty set.
    package private(set) var children: [PathElement: FieldSet] = [:]

    package init() {}

    package init(_ paths: [[PathElement]]) {
        for path in paths { insert(path[...]) }
    }

    package var isEmpty: Bool { members.isEmpty && children.isEmpty }

    /// Adds a path. The empty path is no member of any set.
    package mutating func insert(_ path: ArraySlice<PathElement>) {
        guard let first = path.first else { return }
        if path.count == 1 {
            members.insert(first)
        } else {
            children[first, default: FieldSet()].insert(path.dropFirst())
        }
    }

    package mutating func insert(member element: PathElement) { members.insert(element) }

    /// Sets what is below a step.
    package mutating func set(_ child: FieldSet, below element: PathElement) {
        children[element] = child.isEmpty ? nil : child
    }

    package func contains(_ path: ArraySlice<PathElement>) -> Bool {
        guard let first = path.first else { return false }
        return path.count == 1 ? members.contains(first) : children[first]?.contains(path.dropFirst()) ?? false
    }

    /// The members below a step.
    package func below(_ element: PathElement) -> FieldSet { children[element] ?? FieldSet() }

    package func union(_ other: FieldSet) -> FieldSet {
        var result = self
        result.members.formUnion(other.members)
        for (element, child) in other.children {
            result.children[element] = result.children[element]?.union(child) ?? child
        }
        return result
    }

    package func intersection(_ other: FieldSet) -> FieldSet {
        var result = FieldSet()
        result.members = members.intersection(other.members)
        for (element, child) in children {
            if let match = other.children[element] { result.set(child.intersection(match), below: element) }
        }
        return result
    }

    /// Without the members of `other`. What is below them stays.
    package func difference(_ other: FieldSet) -> FieldSet {
        var result = self
        result.members.subtract(other.members)
        for (element, child) in other.children {
            if let mine = children[element] { result.set(mine.difference(child), below: element) }
        }
        return result
    }

    /// Without the members of `other` and all that is below them.
    package func recursiveDifference(_ other: FieldSet) -> FieldSet {
        var result = self
        result.members.subtract(other.members)
        for (element, child) in children {
            if other.members.contains(element) {
                result.children[element] = nil
            } else if let removed = other.children[element] {
                result.set(child.recursiveDifference(removed), below: element)
            }
        }
        return result
    }

    /// Adds the struct fields on the way to members as members, as far as the schema declares them.
    package func withNamedFields(_ schema: Schema?) -> FieldSet {
        var result = self
        for (element, child) in children {
            var below = schema?.items
            if case .field(let name) = element {
                below = schema?.field(name)
                if schema?.property(name) != nil { result.members.insert(element) }
            }
            result.children[element] = child.withNamedFields(below)
        }
        return result
    }

    /// All paths: members before what is below them, each sorted.
    package var paths: [[PathElement]] {
        var result = members.sorted().map { [$0] }
        for (element, child) in children.sorted(by: { $0.key < $1.key }) {
            result += child.paths.map { [element] + $0 }
        }
        return result
    }

    /// The text of a path, `.spec.ports[port=80,protocol="TCP"].name`.
    package static func text(_ path: [PathElement]) -> String { path.map(\.text).joined() }
}

extension FieldSet {
    /// Reads `fieldsV1`. nil when a key is not in its form.
    package init?(fieldsV1 json: JSON) {
        guard let fields = json.objectValue else { return nil }
        for (key, value) in fields {
            if key == "." { continue }
            guard let element = PathElement(fieldsV1: key), let child = FieldSet(fieldsV1: value) else { return nil }
            let isMember = child.isEmpty || value["."] != nil
            if isMember { members.insert(element) }
            set(child, below: element)
        }
    }

    /// Sorted, so that the same set is always the same text.
    package var fieldsV1: JSON { .object(object(isMember: false)) }

    /// - Parameter isMember: the path that leads here is a member too, which `.` says.
    private func object(isMember: Bool) -> JSONObject {
        var elements = Array(members)
        elements.reserveCapacity(members.count + children.count)
        for element in children.keys where !members.contains(element) { elements.append(element) }
        elements.sort()
        var object = JSONObject()
        object.reserveCapacity(elements.count + 1)
        if isMember, !elements.isEmpty { object["."] = .object(JSONObject()) }
        for element in elements {
            let below = children[element]?.object(isMember: members.contains(element)) ?? JSONObject()
            object[element.fieldsV1] = .object(below)
        }
        return object
    }
}
