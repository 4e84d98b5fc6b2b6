/// The graph that the tasks' `needs` make.
///
/// Names that are not tasks are left out, and of tasks with the same name the first counts, so that a graph can be made
/// of any spec; `JobSpec.validate` reports both.
package struct TaskGraph: Sendable {
    /// The tasks in the order of the spec.
    package let names: [String]
    private let positions: [String: Int]
    /// What each task needs, by position.
    private let needs: [[Int]]

    package init(_ tasks: [TaskSpec]) {
        var positions: [String: Int] = [:]
        for (position, task) in tasks.enumerated() where positions[task.name] == nil {
            positions[task.name] = position
        }
        self.positions = positions
        names = tasks.map(\.name)
        needs = tasks.map { task in task.needs.compactMap { positions[$0] } }
    }

    /// All tasks that come before a task: what it needs, what those need, and so on.
    package func predecessors(of name: String) -> Set<String> {
        guard let start = positions[name] else { return [] }
        var found: Set<Int> = []
        var open = needs[start]
        while let position = open.popLast() {
            if found.insert(position).inserted {
                open += needs[position]
            }
        }
        return Set(found.map { names[$0] })
    }

    /// Every task after those that it needs, and otherwise in the order of the spec; nil when there is a cycle.
    package var order: [String]? {
        var missing = needs.map { Set($0).count }
        var successors = [[Int]](repeating: [], count: names.count)
        for (position, needed) in needs.enumerated() {
            for predecessor in Set(needed) {
                successors[predecessor].append(position)
            }
        }
        var ready = names.indices.filter { missing[$0] == 0 }
        var order: [String] = []
        var next = 0
        while next < ready.count {
            let position = ready[next]
            next += 1
            order.append(names[position])
            for successor in successors[position] {
                missing[successor] -= 1
                if missing[successor] == 0 {
                    ready.append(successor)
                }
            }
        }
        return order.count == names.count ? order : nil
    }

    /// Cycles such as `[a, b]` (a needs b, b needs a), so many that removing one edge of each leaves none untold; tasks
    /// that need themselves are left out. Iterative, so that a long chain cannot exhaust the stack.
    package var cycles: [[String]] {
        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: names.count)
        var cycles: [[String]] = []
        for start in names.indices where marks[start] == .new {
            var path: [(position: Int, next: Int)] = [(start, 0)]
            marks[start] = .open
            while let top = path.last {
                guard top.next < needs[top.position].count else {
                    marks[top.position] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let needed = needs[top.position][top.next]
                switch marks[needed] {
                case .new:
                    marks[needed] = .open
                    path.append((needed, 0))
                case .open where needed != top.position:
                    if let from = path.firstIndex(where: { $0.position == needed }) {
                        cycles.append(path[from...].map { names[$0.position] })
                    }
                case .open, .done:
                    break
                }
            }
        }
        return cycles
    }
}
