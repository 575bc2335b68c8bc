import Logging

extension ConfigurationError {
    /// The problems for standard error, one each.
    var notices: [Notice] {
        problems.map { problem in
            var fields: Logger.Metadata = ["file": "\(file)", "reason": "\(problem.reason)"]
            if let line = problem.line { fields["line"] = "\(line)" }
            if let column = problem.column { fields["column"] = "\(column)" }
            if !problem.key.isEmpty { fields["key"] = "\(problem.key)" }
            return Notice(.error, text(problem), as: "wrong configuration", fields)
        }
    }
}
