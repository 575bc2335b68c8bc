/// One step of the schema in the fleet's database. All its statements take effect, or none.
package struct Migration: Sendable {
    /// The version that the schema has after the step. One more than before.
    package let version: Int
    /// The oldest version that a program must know to work with the schema after the step.
    package let oldestReader: Int
    /// Single statements, without parameters. All names have their schema.
    package let statements: [String]

    package init(version: Int, oldestReader: Int, statements: [String]) {
        self.version = version
        self.oldestReader = oldestReader
        self.statements = statements
    }
}
