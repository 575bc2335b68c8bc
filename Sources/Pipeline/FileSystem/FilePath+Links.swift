import Glibc
import SystemPackage

extension FilePath {
    /// The path behind the links of the last component, followed one by one. Nothing need be there yet. The kernel
    /// follows links in the components before.
    ///
    /// - Throws: `Errno.tooManySymbolicLinkLevels` for links that lead in a circle; otherwise the errors of
    ///   readlink(2).
    package func followingLinks() throws(Errno) -> FilePath {
        var path = self
        // The kernel follows as many (path_resolution(7)).
        for _ in 0..<40 {
            guard let target = try path.linkTarget() else { return path }
            path = target.isAbsolute ? target : path.removingLastComponent().pushing(target)
        }
        throw Errno.tooManySymbolicLinkLevels
    }

    /// The target of a symbolic link; nil if the path is no link or not there.
    private func linkTarget() throws(Errno) -> FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let (count, failure) = withPlatformString { path in (readlink(path, &buffer, Int(PATH_MAX)), errno) }
        if count >= 0 { return FilePath(platformString: buffer) }
        guard [EINVAL, ENOENT, ENOTDIR].contains(failure) else { throw Errno(rawValue: failure) }
        return nil
    }
}
