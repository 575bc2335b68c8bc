import Fleet
import Logging
import Pipeline

extension Configuration {
    /// This process's part in its fleet; nil without one. Loads libpq, and connects to nothing.
    ///
    /// `file` is the configuration's, as errors name it.
    ///
    /// - Throws: ``ConfigurationError``, if there is no library, or if the settings allow no safe connection.
    func fleetMember(
        _ book: any FleetBook & FleetCopy,
        in file: ConfigurationFile,
        logger: Logger
    ) throws(ConfigurationError) -> (any FleetMember)? {
        guard let plan = fleetPlan, let places = fleet?.places else { return nil }
        do {
            return try FleetHost(plan, book: book, logger: logger)
        } catch {
            throw ConfigurationError(file: file.path, problems: [places["database"].saying(error.reason)])
        }
    }
}
