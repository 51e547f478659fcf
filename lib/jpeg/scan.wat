;; Finds the marker that ends entropy-coded data; see scan.ts, which holds this
;; as made by `wat2wasm scan.wat`.
(module
  (memory (export "memory") 1)
  (func (export "scan") (param $end i32) (result i32)
    (local $at i32) (local $hits i32) (local $next i32)
    (loop $on
      (if (i32.le_u (i32.add (local.get $at) (i32.const 16)) (local.get $end))
        (then
          (local.set $hits (i8x16.bitmask (i8x16.eq
            (v128.load align=1 (local.get $at)) (i8x16.splat (i32.const 0xff)))))
          (if (i32.eqz (local.get $hits)) (then
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br $on)))
          (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $hits)))))
        (else
          (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $end))))
          (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 0xff)) (then
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $on)))))
      (if (i32.ge_u (i32.add (local.get $at) (i32.const 1)) (local.get $end))
        (then (return (local.get $at))))
      (local.set $next (i32.load8_u offset=1 (local.get $at)))
      (if (i32.or (i32.eqz (local.get $next))
                  (i32.eq (i32.and (local.get $next) (i32.const 0xf8)) (i32.const 0xd0)))
        (then (local.set $at (i32.add (local.get $at) (i32.const 2))) (br $on)))
      (if (i32.eq (local.get $next) (i32.const 0xff))
        (then (local.set $at (i32.add (local.get $at) (i32.const 1))) (br $on))))
    (local.get $at)))
