// Ends our threads at the exit of the process or worker. Listeners behind ours may still call: for them only what
// runs by itself ends now, and the rest once nobody calls any more: in a clean-up hook, which process.exit() skips.
;(process, quiet, end) => {
  const atExit = () => {
    const isLast = process.listeners('exit').at(-1) === atExit
    process.off('exit', atExit)
    if (isLast) return end()
    quiet()
    const reallyExit = process.reallyExit
    if (typeof reallyExit !== 'function') return
    process.reallyExit = (...args) => {
      end()
      return reallyExit.apply(process, args)
    }
  }
  process.on('exit', atExit)
}
