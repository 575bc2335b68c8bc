import Glibc
import NIOCore
import NIOPosix

/// Keeps all event loops of this process busy for a tenth of a second each, as a busy machine does.
package func keepLoopsBusy() {
    for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
        loop.execute { usleep(100_000) }
    }
}
