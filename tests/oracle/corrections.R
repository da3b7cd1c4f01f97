# Corrections for few clusters that no package here offers, from their definitions, of an
# unweighted Poisson fit; md is there to hold the others against clubSandwich's CR3.
by_hand <- function(fit, cluster) {
  inverse <- vcov(fit) # A⁻¹
  x <- model.matrix(fit)
  residual <- fit$y - fitted(fit)
  w <- fitted(fit)
  groups <- split(seq_along(residual), cluster)
  p <- ncol(x)
  leverage <- function(i) w[i] * x[i, , drop = FALSE] %*% inverse %*% t(x[i, , drop = FALSE])
  outer_sum <- function(totals) {
    influence <- totals %*% inverse
    t(influence) %*% influence
  }
  # Kauermann & Carroll (2001): residuals (I - H)^(-1/2) r, the square root of a matrix that is
  # similar to a symmetric one.
  kc <- t(sapply(groups, \(i) {
    e <- eigen(diag(length(i)) - leverage(i))
    root <- e$vectors %*% (as.complex(e$values)^-0.5 * solve(e$vectors))
    drop(crossprod(Re(root %*% residual[i]), x[i, , drop = FALSE]))
  }))
  # Mancl & DeRouen (2001): residuals (I - H)^(-1) r.
  md <- t(sapply(groups, \(i) {
    drop(crossprod(solve(diag(length(i)) - leverage(i), residual[i]), x[i, , drop = FALSE]))
  }))
  # Fay & Graubard (2001), bound .75: totals times diag(1 - min(b, Q_kk))^(-1/2).
  plain <- t(sapply(groups, \(i) colSums(residual[i] * x[i, , drop = FALSE])))
  fg <- t(sapply(groups, \(i) {
    q <- diag(crossprod(x[i, , drop = FALSE], w[i] * x[i, , drop = FALSE]) %*% inverse)
    colSums(residual[i] * x[i, , drop = FALSE]) / sqrt(1 - pmin(0.75, q))
  }))
  # Morel, Bokossa & Neerchal (2003), d = 2, r = 1.
  n <- length(residual)
  m <- length(groups)
  factor <- (n - 1) / (n - p) * m / (m - 1)
  meat <- factor * crossprod(plain)
  phi <- max(1, sum(diag(inverse %*% meat)) / p)
  mbn <- inverse %*% meat %*% inverse + min(0.5, p / (m - p)) * phi * inverse
  list(KC = outer_sum(kc), MD = outer_sum(md), FG = outer_sum(fg), MBN = mbn)
}
