"""`selfheal backtest`: what would healing have done on one's own history?"""
