import Glibc
import SystemPackage

extension FilePath {
    /// What the path leads to, with the links of its last component followed one after the other, also to a place where
    /// nothing is yet. Links on the way there are left to the kernel.
    ///
    /// - Throws: `Errno.tooManySymbolicLinkLevels` for links that lead in a circle; what readlink(2) says otherwise.
    package func followingLinks() throws(Errno) -> FilePath {
        var path = self
        // As many as the kernel follows (path_resolution(7)).
        for _ in 0..<40 {
            guard let target = try path.linkTarget() else { return path }
            path = target.isAbsolute ? target : path.removingLastComponent().pushing(target)
        }
        throw Errno.tooManySymbolicLinkLevels
    }

    /// What a symbolic link holds; nil for what is none, or is not there.
    private func linkTarget() throws(Errno) -> FilePath? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let (count, failure) = withPlatformString { path in (readlink(path, &buffer, Int(PATH_MAX)), errno) }
        if count >= 0 { return FilePath(platformString: buffer) }
        guard [EINVAL, ENOENT, ENOTDIR].contains(failure) else { throw Errno(rawValue: failure) }
        return nil
    }
}
